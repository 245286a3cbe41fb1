# The CUDA library: shared, with its own static runtime, loaded at run time only. It is built wherever
# nvcc and a CUDA toolkit are found; nothing else needs it.
include(CheckLanguage)
# CMake looks along PATH only, where toolkits do not put themselves, and keeps what it did not find. This
# looks where `udc doctor` does, and again in a folder that was configured before nvcc was installed.
if(NOT CMAKE_CUDA_COMPILER)
  unset(CMAKE_CUDA_COMPILER CACHE)
  find_program(UDC_NVCC nvcc HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
  if(UDC_NVCC AND NOT DEFINED ENV{CUDACXX})
    set(ENV{CUDACXX} ${UDC_NVCC})
  endif()
endif()
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(STATUS "nvcc not found: the CUDA kernels are not built")
  return()
endif()

# Code for A100 and H100/H200, and PTX for what comes after.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real 90-virtual)
endif()
enable_language(CUDA)

option(UDC_KERNELS_CUDA_REPORT "Have ptxas print registers and spills" OFF)

file(GLOB UDC_KERNELS_CUDA_SOURCES CONFIGURE_DEPENDS src/cuda/*.cu)
add_library(udc_kernels_cuda SHARED ${UDC_KERNELS_CUDA_SOURCES})
target_include_directories(udc_kernels_cuda PRIVATE include src)
# Never --use_fast_math: the quantizer needs rounding as written, and denormals count.
target_compile_options(udc_kernels_cuda PRIVATE
  -Xcompiler=-Wall,-Wextra,-Werror)
if(UDC_KERNELS_CUDA_REPORT)
  target_compile_options(udc_kernels_cuda PRIVATE -Xptxas=-v,-warn-spills)
endif()
set_target_properties(udc_kernels_cuda PROPERTIES
  CUDA_STANDARD 17
  CUDA_STANDARD_REQUIRED ON
  CUDA_RUNTIME_LIBRARY Static
  CUDA_VISIBILITY_PRESET hidden
  POSITION_INDEPENDENT_CODE ON)
