package io.udc.search.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.device.CudaKernels;
import io.udc.device.Devices;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CudaExaminationTest {

    private static Optional<Finding> kernels(String variant) {
        List<Finding> findings = new CudaExamination(variant).examine(true);
        return findings.stream().filter(finding -> finding.name().equals("CUDA kernels")).findFirst();
    }

    @Test
    void theGpuBuildsSayWhyTheKernelsDoNotOpenAndWhatToDo() {
        assumeTrue(Devices.cudaCount() == 0, "this machine has a GPU");
        for (String variant : List.of("cuda", "cuda-redist")) {
            Finding finding = kernels(variant).orElseThrow();
            assertEquals(Finding.Status.ABSENT, finding.status());
            assertTrue(finding.found().startsWith("no CUDA kernels: "), finding.found());
            assertEquals(!CudaKernels.isBuilt(), finding.advice().contains("nvcc"), finding.advice());
            assertFalse(finding.advice().isEmpty());
        }
    }

    @Test
    void kernelsThatOpenAreInOrder() {
        assumeTrue(Devices.cudaCount() > 0, "no GPU answers");
        assertEquals(Finding.Status.OK, kernels("cuda").orElseThrow().status());
    }

    @Test
    void theCpuBuildDoesNotOpenThem() {
        assertEquals(Optional.empty(), kernels("cpu"));
    }
}
