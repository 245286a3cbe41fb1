package io.udc.search.doctor;

import io.udc.device.CudaKernels;
import io.udc.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Looks for what libtorch's CUDA build loads: the driver, the toolkit's libraries, cuDNN and NCCL. */
final class CudaExamination {

    private static final String SECTION = "CUDA";

    /** What libtorch 2.10's CUDA libraries and their bindings are linked to or open by name. */
    private static final List<String> TOOLKIT = List.of(
            "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcufft.so.12", "libcurand.so.10",
            "libcusolver.so.12", "libcusolverMg.so.12", "libcusparse.so.12", "libnvJitLink.so.13", "libnvrtc.so.13",
            "libcupti.so.13", "libcufile.so.0");

    private static final List<String> EXTRA = List.of("libcudnn.so.9", "libnccl.so.2");

    /** The newest driver's interface that the toolkit needs is its major version. */
    private static final int TOOLKIT_MAJOR = 13;

    private final String variant;

    CudaExamination(String variant) {
        this.variant = variant;
    }

    List<Finding> examine(boolean libtorchLoads) {
        List<Finding> findings = new ArrayList<>();
        findings.add(driver());
        findings.add(libraries("CUDA toolkit " + TOOLKIT_MAJOR, TOOLKIT,
                "install the CUDA " + TOOLKIT_MAJOR + " toolkit, put its folder on LD_LIBRARY_PATH, "
                        + "or use './udc --cuda-redist'"));
        findings.add(libraries("cuDNN 9, NCCL 2", EXTRA,
                "install NVIDIA's cuDNN 9 and NCCL 2 for CUDA " + TOOLKIT_MAJOR + ", or use './udc --cuda-redist'"));
        findings.add(compiler());
        findings.add(build());
        findings.add(devices(libtorchLoads));
        if (!variant.equals("cpu")) {
            findings.add(kernels());
        }
        return findings;
    }

    private static Finding driver() {
        Optional<Path> library = find("libcuda.so.1");
        String version = kernelDriver();
        if (library.isPresent() && !version.isEmpty()) {
            return Finding.ok(SECTION, "driver", "version " + version + ", " + library.get());
        }
        String found = library.map(path -> path + ", but no driver is loaded").orElse("no libcuda.so.1");
        return Finding.absent(SECTION, "driver", found, "a GPU needs NVIDIA's driver for CUDA " + TOOLKIT_MAJOR
                + " (version 580 or newer)");
    }

    private static Finding libraries(String name, List<String> files, String advice) {
        List<String> missing = files.stream().filter(file -> find(file).isEmpty()).toList();
        if (missing.isEmpty()) {
            return Finding.ok(SECTION, name, "all " + files.size() + " libraries, "
                    + find(files.get(0)).map(Path::getParent).orElseThrow());
        }
        String found = missing.size() == files.size() ? "not found" : "without " + String.join(", ", missing);
        return Finding.absent(SECTION, name, found, advice);
    }

    /** Looks where the build looks, see kernels/cmake/cuda.cmake. */
    private static Finding compiler() {
        return Stream.of(folder("CUDA_HOME"), folder("CUDA_PATH"), path(), Stream.of("/usr/local/cuda/bin"))
                .flatMap(folders -> folders)
                .map(folder -> Path.of(folder, "nvcc"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(nvcc -> Finding.ok(SECTION, "nvcc", nvcc.toString()))
                .orElseGet(() -> Finding.absent(SECTION, "nvcc", "not found",
                        "needed to build the CUDA kernels, by './udc --cuda-redist' as well: install nvcc of the CUDA "
                                + TOOLKIT_MAJOR + " toolkit"));
    }

    private static Stream<String> folder(String variable) {
        String toolkit = System.getenv().getOrDefault(variable, "");
        return toolkit.isEmpty() ? Stream.of() : Stream.of(toolkit + "/bin");
    }

    private static Stream<String> path() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":")).filter(s -> !s.isEmpty());
    }

    private static Finding kernels() {
        return CudaKernels.missing()
                .map(reason -> Finding.absent(SECTION, "CUDA kernels", reason,
                        CudaKernels.isBuilt()
                                ? "they are built, but do not run here: see the driver and the devices above"
                                : CudaKernels.HOW_TO_BUILD))
                .orElseGet(() -> Finding.ok(SECTION, "CUDA kernels", "open, built for compute capability 8.0 or more"));
    }

    private Finding build() {
        return variant.equals("cpu")
                ? Finding.absent(SECTION, "build", "this is the CPU build",
                        "on a machine with a GPU run './udc --cuda doctor'")
                : Finding.ok(SECTION, "build", "this is the " + variant + " build");
    }

    private static Finding devices(boolean libtorchLoads) {
        if (!libtorchLoads) {
            return Finding.absent(SECTION, "devices", "not asked, libtorch does not load", "see above");
        }
        int count = Devices.cudaCount();
        return count > 0
                ? Finding.ok(SECTION, "devices", count + " usable: cuda:0 to cuda:" + (count - 1))
                : Finding.absent(SECTION, "devices", "none answers", "--device cpu is the default and needs none");
    }

    private static String kernelDriver() {
        try {
            return Files.readString(Path.of("/proc/driver/nvidia/version"))
                    .lines()
                    .findFirst()
                    .map(line -> line.replaceFirst(".*?\\b(\\d{3}\\.\\d+[.\\d]*).*", "$1"))
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static Optional<Path> find(String file) {
        return folders().stream()
                .map(folder -> folder.resolve(file))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** Where the dynamic loader and JavaCPP look, and the folders of CUDA's own packages. */
    private static Set<Path> folders() {
        Set<Path> folders = new LinkedHashSet<>();
        for (String list : new String[] {
            System.getenv("LD_LIBRARY_PATH"),
            System.getProperty("java.library.path"),
            "/usr/local/cuda-13.1/lib64:/usr/local/cuda-13.1/extras/CUPTI/lib64",
            "/usr/local/cuda/lib64:/usr/local/cuda/extras/CUPTI/lib64",
            "/usr/lib/x86_64-linux-gnu:/usr/lib64:/usr/lib/wsl/lib"
        }) {
            if (list != null) {
                Arrays.stream(list.split(":")).filter(s -> !s.isEmpty()).map(Path::of).forEach(folders::add);
            }
        }
        return folders;
    }
}
