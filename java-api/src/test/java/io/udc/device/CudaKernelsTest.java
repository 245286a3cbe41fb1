package io.udc.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaKernelsTest {

    @TempDir
    private Path folder;

    @Test
    void everyCallOfKernelsThatDoNotOpenSaysWhy() {
        assumeTrue(Devices.cudaCount() == 0, "this machine has a GPU");
        String first = assertThrows(IllegalStateException.class, CudaKernels::handle).getMessage();
        String second = assertThrows(IllegalStateException.class, CudaKernels::handle).getMessage();
        assertTrue(first.startsWith("no CUDA kernels: "), first);
        assertEquals(first, second);
        assertEquals(Optional.of(first), CudaKernels.missing());
    }

    @Test
    void theKernelsOpenWhereAGpuAnswers() {
        assumeTrue(Devices.cudaCount() > 0, "no GPU answers");
        assertEquals(Optional.empty(), CudaKernels.missing());
        assertNotNull(CudaKernels.handle());
    }

    @Test
    void aLibraryThatIsNotThereIsNamed() {
        Path library = folder.resolve("libudc_kernels_cuda.so");
        CudaKernels.Opened opened = CudaKernels.open(library.toString());
        assertNull(opened.handle());
        assertTrue(opened.reason().startsWith("no CUDA kernels: " + library + ": "), opened.reason());
    }
}
