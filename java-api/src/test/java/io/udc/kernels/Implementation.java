package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The implementations of the kernels, all held to the same tests. */
enum Implementation {
    /** Instructions that every machine of its kind has. */
    PORTABLE,
    /** AVX2 with fused multiply-add, chosen at run time. */
    AVX2,
    /** AVX-512, chosen at run time. */
    AVX512,
    /** A GPU. UDC_TEST_DEVICE=cuda makes a missing one a failure. */
    CUDA;

    boolean isCuda() {
        return this == CUDA;
    }

    /** Has the wrappers use this implementation, or reports the test as skipped. */
    void use() {
        if (isCuda()) {
            boolean forced = "cuda".equals(System.getenv("UDC_TEST_DEVICE"));
            boolean present = Devices.cudaCount() > 0;
            assertTrue(present || !forced, "UDC_TEST_DEVICE=cuda, but no GPU answers");
            assumeTrue(present, "no GPU answers");
        }
        assumeTrue(this != AVX2 || processorHas("avx2"), "this processor has no AVX2");
        assumeTrue(this != AVX512 || processorHas("avx512bw"), "this processor has no AVX-512");
        System.setProperty(KernelExecution.PORTABLE, this == AVX2 ? "avx2" : Boolean.toString(this == PORTABLE));
    }

    private static boolean processorHas(String flag) {
        try {
            Path flags = Path.of("/proc/cpuinfo");
            return Files.exists(flags) && Files.readString(flags).contains(" " + flag + " ");
        } catch (IOException e) {
            return false;
        }
    }
}
