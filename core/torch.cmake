# LibTorch as an imported target of our own: the wheel's CMake package insists on a complete CUDA set-up, and the engine
# links libtorch_cpu alone. AIRFRAME_TORCH_DIR holds include/ and lib/ of the PyPI wheel torch 2.11.0 (app/run puts it there).
if(DEFINED ENV{AIRFRAME_CACHE})
    set(_cache $ENV{AIRFRAME_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(_cache $ENV{XDG_CACHE_HOME}/airframe)
else()
    set(_cache $ENV{HOME}/.cache/airframe)
endif()
set(AIRFRAME_TORCH_DIR ${_cache}/torch-2.11.0 CACHE PATH "Folder with LibTorch's include/ and lib/")
if(NOT EXISTS ${AIRFRAME_TORCH_DIR}/lib/libtorch_cpu.so)
    message(FATAL_ERROR "LibTorch 2.11.0 is not in ${AIRFRAME_TORCH_DIR}; run tests/run or app/run once (they fetch it), "
                        "or set AIRFRAME_TORCH_DIR, or configure with -DAIRFRAME_CORE=OFF")
endif()
# libtorch_cpu needs libcudart.so.13 and libcupti.so.13 to load, even where there is no GPU.
find_path(AIRFRAME_CUDART_DIR libcudart.so.13
          PATHS ${_cache}/cuda-13 /usr/local/cuda/lib64 /usr/local/cuda-13.0/lib64 /usr/local/cuda-13/lib64 NO_DEFAULT_PATH)
find_path(AIRFRAME_CUPTI_DIR libcupti.so.13
          PATHS ${_cache}/cuda-13 /usr/local/cuda/lib64 /usr/local/cuda/extras/CUPTI/lib64 /usr/local/cuda-13.0/lib64
                /usr/local/cuda-13.0/extras/CUPTI/lib64 NO_DEFAULT_PATH)
foreach(_need AIRFRAME_CUDART_DIR AIRFRAME_CUPTI_DIR)
    if(NOT ${_need})
        message(FATAL_ERROR "${_need}: libcudart.so.13 or libcupti.so.13 was not found; run tests/run once, or set ${_need}")
    endif()
endforeach()
set(_rpath ${AIRFRAME_TORCH_DIR}/lib ${AIRFRAME_CUDART_DIR} ${AIRFRAME_CUPTI_DIR})
list(REMOVE_DUPLICATES _rpath)
add_library(airframe_torch INTERFACE)
target_include_directories(airframe_torch SYSTEM INTERFACE
    ${AIRFRAME_TORCH_DIR}/include ${AIRFRAME_TORCH_DIR}/include/torch/csrc/api/include)
target_compile_definitions(airframe_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
target_link_libraries(airframe_torch INTERFACE
    ${AIRFRAME_TORCH_DIR}/lib/libtorch_cpu.so ${AIRFRAME_TORCH_DIR}/lib/libc10.so ${AIRFRAME_TORCH_DIR}/lib/libgomp.so.1)
foreach(_dir ${_rpath})
    target_link_options(airframe_torch INTERFACE -Wl,-rpath,${_dir} -Wl,-rpath-link,${_dir})
endforeach()
