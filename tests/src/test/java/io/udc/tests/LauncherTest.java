package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, on the build that these tests belong to. */
class LauncherTest {

    private static final Path UDC = Launcher.ROOT.resolve("udc");

    @TempDir
    Path folder;

    @Test
    void runsFromAnyFolderAndThroughALink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), UDC);
        Launcher.Outcome outcome = Launcher.run(link, folder, Map.of(), "--version");
        assertEquals(0, outcome.code(), outcome.err());
        assertTrue(outcome.out().startsWith("udc "), outcome.out());
    }

    @Test
    void passesTheExitCodeOn() throws Exception {
        Launcher.Outcome outcome = Launcher.run(UDC, folder, Map.of(), "report", "no such run");
        assertEquals(2, outcome.code(), outcome.err());
        assertTrue(outcome.err().endsWith("no such run: not a run directory, expected a config.json in it\n"), outcome.err());
    }

    @Test
    void anOldJavaIsNamedWithThePackageToInstall() throws Exception {
        Files.createDirectories(folder.resolve("jdk/bin"));
        Files.createSymbolicLink(folder.resolve("jdk/bin/java"), Path.of("/bin/true"));
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"11.0.2\"\n");
        // A real file, so that the release file beside it is the one that is read.
        Files.delete(folder.resolve("jdk/bin/java"));
        Files.copy(Path.of("/bin/true"), folder.resolve("jdk/bin/java"));
        Launcher.Outcome outcome =
                Launcher.run(UDC, folder, Map.of("JAVA_HOME", folder.resolve("jdk").toString()), "--version");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().startsWith("udc: missing: Java 17 or newer, found 11 at "), outcome.err());
        assertTrue(outcome.err().contains("openjdk-17-jdk"), outcome.err());
    }

    @Test
    void missingBuildToolsAreNamedWithTheirPackages() throws Exception {
        Path checkout = emptyCheckout();
        Launcher.Outcome outcome =
                Launcher.run(checkout.resolve("udc"), folder, Map.of("PATH", basicTools().toString()), "--version");
        assertEquals(1, outcome.code());
        for (String expected : List.of("openjdk-17-jdk", "package maven", "package cmake", "package g++")) {
            assertTrue(outcome.err().contains(expected), outcome.err());
        }
        assertTrue(outcome.err().lines().allMatch(line -> line.startsWith("udc: missing: ")), outcome.err());
    }

    @Test
    void aFailedBuildIsOneLineBelowTheLogsTail() throws Exception {
        Path checkout = emptyCheckout();
        Files.writeString(checkout.resolve("pom.xml"), "<project>broken");
        Launcher.Outcome outcome = Launcher.run(checkout.resolve("udc"), folder, Map.of(), "--version");
        assertEquals(1, outcome.code());
        List<String> lines = outcome.err().lines().toList();
        assertEquals("udc: the build has failed, see " + checkout.toRealPath().resolve("target/build.log"),
                lines.get(lines.size() - 1));
    }

    @Test
    void theGpuBuildIsMadeAgainOnceNvccIsThere() throws Exception {
        Path checkout = builtCheckout("cuda");
        Path toolkit = Files.createDirectories(folder.resolve("toolkit/bin")).getParent();
        // A Maven that makes what the real one would.
        Path maven = program(Files.createDirectory(folder.resolve("maven")).resolve("mvn"),
                "mkdir -p native/target/cmake/lib && touch native/target/cmake/lib/libudc_kernels_cuda.so");
        program(toolkit.resolve("bin/nvcc"), "exit 1");
        Map<String, String> environment = Map.of("CUDA_HOME", toolkit.toString(), "PATH",
                maven.getParent() + ":" + System.getenv("PATH"));
        String building = "udc: building again, nvcc is there now for the CUDA kernels (log: target/build.log)";
        Path udc = checkout.resolve("udc");
        assertTrue(Launcher.run(udc, folder, environment, "--cuda", "--version").err().contains(building));
        assertFalse(Launcher.run(udc, folder, environment, "--cuda", "--version").err().contains("building"));
    }

    @Test
    void theCpuBuildNeedsNoCudaKernels() throws Exception {
        Path checkout = builtCheckout("cpu");
        Path toolkit = Files.createDirectories(folder.resolve("toolkit/bin")).getParent();
        program(toolkit.resolve("bin/nvcc"), "exit 1");
        Launcher.Outcome outcome = Launcher.run(
                checkout.resolve("udc"), folder, Map.of("CUDA_HOME", toolkit.toString()), "--version");
        assertFalse(outcome.err().contains("building"), outcome.err());
    }

    private static Path program(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }

    /** A checkout that looks as if all but the CUDA kernels were built. */
    private Path builtCheckout(String variant) throws IOException {
        Path checkout = emptyCheckout();
        Path target = Files.createDirectories(checkout.resolve("search/target"));
        Files.writeString(target.resolve("classpath-" + variant + ".txt"), "");
        return checkout;
    }

    /** A checkout in which nothing is built. */
    private Path emptyCheckout() throws IOException {
        Path checkout = Files.createDirectory(folder.resolve("checkout"));
        Files.copy(UDC, checkout.resolve("udc"));
        return checkout;
    }

    /** A folder with what the script itself calls, and no build tools. */
    private Path basicTools() throws IOException {
        Path tools = Files.createDirectory(folder.resolve("tools"));
        for (String name : List.of("bash", "env", "sed", "find", "dirname", "readlink", "cat", "mkdir",
                "tail", "flock")) {
            try (Stream<String> folders = Stream.of("/bin", "/usr/bin")) {
                Path program = folders.map(bin -> Path.of(bin, name)).filter(Files::exists).findFirst().orElseThrow();
                Files.createSymbolicLink(tools.resolve(name), program);
            }
        }
        return tools;
    }
}
