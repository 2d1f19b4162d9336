#include "popflow/experiment/printable.hpp"

#include <fmt/core.h>

namespace popflow {

namespace {

// Whether byte i is a control character of ASCII, or one of the two bytes that UTF-8 has for the
// codes from 0x80 to 0x9f.
bool is_control(std::string_view text, std::size_t i) {
  const auto code = [text](std::size_t n) {
    return n < text.size() ? static_cast<unsigned char>(text[n]) : 0x20;
  };
  const auto from_0x80 = [&code](std::size_t n) {
    return code(n) == 0xc2 && code(n + 1) >= 0x80 && code(n + 1) < 0xa0;
  };
  return code(i) < 0x20 || code(i) == 0x7f || from_0x80(i) || (i > 0 && from_0x80(i - 1));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_control(text, i))
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    else
      shown += text[i];
  return shown;
}

}  // namespace popflow
