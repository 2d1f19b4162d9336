# Debian packages, of any build: cpack --config BUILD/CPackConfig.cmake. One for each install
# component: libpopflow-dev, popflow and python3-popflow.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME popflow)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "theory of receptive-field formation, and its simulation")
set(CPACK_PACKAGE_CONTACT "The popflow authors <noreply@popflow.invalid>" CACHE STRING
  "Maintainer of the packages, NAME <ADDRESS>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENTS_ALL library)

# What lib/cmake/popflowConfig.cmake and popflow.pc ask for.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libpopflow-dev)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS "libeigen3-dev (>= 3.4), libboost-dev (>= 1.74), \
libfmt-dev (>= 9), libfftw3-dev, libnetcdf-c++4-dev, pkg-config")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "The static library, its headers, and its files for CMake and pkg-config.")

# dpkg-shlibdeps finds what binaries depend on.
if(TARGET popflow_program)
  list(APPEND CPACK_COMPONENTS_ALL program)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME popflow)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot")
  set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS openmpi-bin)
  set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "The program: from one experiment file, theory, simulation and figures.")
endif()

if(TARGET popflow_python)
  list(APPEND CPACK_COMPONENTS_ALL python)
  math(EXPR next_minor "${Python3_VERSION_MINOR} + 1")
  set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-popflow)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS
    "python3 (>= 3.${Python3_VERSION_MINOR}), python3 (<< 3.${next_minor}), python3-numpy")
  set(CPACK_DEBIAN_PYTHON_PACKAGE_RECOMMENDS "python3-xarray, python3-netcdf4")
  set(CPACK_COMPONENT_PYTHON_DESCRIPTION "Inputs, moments, flows, training and decompositions on NumPy arrays.")
endif()

# The terms of each package and its history, where Debian looks for them.
set(folder ${PROJECT_BINARY_DIR}/package-documents)
file(READ LICENSE license)
string(STRIP "${license}" license)
configure_file(apps/copyright.in ${folder}/copyright @ONLY)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${folder}/changelog "popflow (${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) \
unstable; urgency=low\n\n  * CHANGELOG.md of the source says what is new.\n
 -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
file(ARCHIVE_CREATE OUTPUT ${folder}/changelog.Debian.gz PATHS ${folder}/changelog
  FORMAT raw COMPRESSION GZip COMPRESSION_LEVEL 9)
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  install(FILES ${folder}/copyright ${folder}/changelog.Debian.gz
    DESTINATION share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} COMPONENT ${component})
endforeach()

include(CPack)
