package io.udc.search.doctor;

import io.udc.memory.MemoryLimit;
import io.udc.search.doctor.Finding.Status;
import io.udc.units.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.pytorch.global.torch;

/** Examines the machine and the program's native libraries; changes nothing. */
public final class Doctor {

    private static final String MACHINE = "machine";
    private static final String LIBRARIES = "libraries";
    private static final String REINSTALL =
            "delete the library's folder in the local Maven repository and ~/.javacpp/cache, then build again";

    private static final String NEEDS_CUDA = "the CUDA build loads only where all that is listed under CUDA is there";

    private final String version;
    private final String variant;

    /**
     * @param version of this program
     * @param variant which build of libtorch the launcher has chosen: cpu, cuda or cuda-redist
     */
    public Doctor(String version, String variant) {
        this.version = version;
        this.variant = variant;
    }

    /** Looks at everything; a thing that fails is a finding and does not stop the rest. */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("program", "udc", version + " (" + variant + " build)"));
        findings.add(Finding.ok("program", "Java", System.getProperty("java.version") + ", "
                + System.getProperty("java.vendor") + ", " + System.getProperty("java.home")));
        machine(findings);
        libraries(findings);
        findings.addAll(new CudaExamination(variant).examine(libtorchLoads(findings)));
        return List.copyOf(findings);
    }

    /** Whether the program works on the CPU. */
    public static boolean isHealthy(List<Finding> findings) {
        return findings.stream().noneMatch(finding -> finding.status() == Status.BROKEN);
    }

    private static void machine(List<Finding> findings) {
        findings.add(Finding.ok(MACHINE, "system", System.getProperty("os.name") + " "
                + System.getProperty("os.version") + ", " + System.getProperty("os.arch")));
        findings.add(Finding.ok(MACHINE, "processor", cpuInfo("model name") + ", "
                + Runtime.getRuntime().availableProcessors() + " cores for this process"));
        findings.add(Finding.ok(MACHINE, "vector units", vectorUnits(cpuInfo("flags"))));
        findings.add(Finding.ok(MACHINE, "memory", ByteSize.display(Pointer.totalPhysicalBytes())
                + mayUse() + ", Java's heap " + ByteSize.display(Runtime.getRuntime().maxMemory())));
    }

    private static String mayUse() {
        OptionalLong most = MemoryLimit.ofProcess().most();
        return most.isEmpty() ? "" : ", of which this process may use " + ByteSize.display(most.getAsLong());
    }

    private void libraries(List<Finding> findings) {
        findings.add(probe("JavaCPP", Doctor::javacppVersion));
        findings.add(probe("libtorch", () -> libtorchVersion() + ", vector code "
                + text(torch.get_cpu_capability()) + ", " + torch.get_num_threads() + " threads"));
        findings.add(probe("libtorch built with", () -> text(torch.show_config()).lines()
                .map(String::strip)
                .filter(line -> line.startsWith("- ") && !line.startsWith("- Build settings"))
                .map(line -> line.substring(2))
                .reduce((left, right) -> left + "; " + right)
                .orElse("?")));
        findings.add(probe("OpenCV", () -> {
            Loader.load(opencv_core.class);
            return text(opencv_core.getVersionString());
        }));
        findings.add(probe("OR-Tools", () -> {
            com.google.ortools.Loader.loadNativeLibraries();
            return com.google.ortools.init.OrToolsVersion.getVersionString();
        }));
        findings.add(probe("NPU backend", () -> load(io.udc.bindings.Npu.class)));
        findings.add(probe("kernels", () -> load(io.udc.bindings.Kernels.class)));
    }

    private Finding probe(String name, Supplier<String> look) {
        try {
            return Finding.ok(LIBRARIES, name, look.get().strip());
        } catch (LinkageError | RuntimeException e) {
            return Finding.broken(LIBRARIES, name, "does not load: " + firstLine(e),
                    variant.equals("cpu") ? REINSTALL : NEEDS_CUDA);
        }
    }

    private static boolean libtorchLoads(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.name().equals("libtorch"))
                .allMatch(finding -> finding.status() == Status.OK);
    }

    private static String load(Class<?> bindings) {
        String library = Loader.load(bindings);
        return library == null ? "loaded" : Path.of(library).getFileName() + " loaded";
    }

    private static String javacppVersion() {
        try {
            return Loader.getVersion();
        } catch (IOException e) {
            throw new IllegalStateException("the jar has no version", e);
        }
    }

    private static String libtorchVersion() {
        try {
            return Loader.getVersion("org.bytedeco", "pytorch");
        } catch (IOException e) {
            throw new IllegalStateException("the jar has no version", e);
        }
    }

    private static String vectorUnits(String flags) {
        List<String> known = List.of("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16",
                "amx_tile", "amx_bf16", "amx_int8", "asimd", "sve", "sve2", "bf16");
        List<String> present = List.of(flags.split(" "));
        List<String> units = known.stream().filter(present::contains).toList();
        return units.isEmpty() ? "none that are known" : String.join(" ", units);
    }

    private static String cpuInfo(String key) {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith(key) || (key.equals("flags") && line.startsWith("Features")))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    static String text(BytePointer pointer) {
        try (pointer) {
            return pointer.getString();
        }
    }

    static String firstLine(Throwable error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message.lines().findFirst().orElse("");
    }
}
