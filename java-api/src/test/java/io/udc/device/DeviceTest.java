package io.udc.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.InputException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTest {

    @Test
    void readsNames() {
        assertEquals(Device.CPU, Device.parse("cpu"));
        assertEquals(new Device(Device.Type.CUDA, 0), Device.parse("cuda"));
        assertEquals("cuda:1", Device.parse("cuda:1").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "cpu:0", "CUDA"})
    void refusesOtherNames(String text) {
        assertThrows(InputException.class, () -> Device.parse(text));
    }

    @Test
    void aGpuThatIsNotThereIsAnInputError() {
        assumeTrue(Devices.cudaCount() == 0, "this machine has a GPU");
        Devices.require(Device.CPU);
        String message = assertThrows(InputException.class, () -> Devices.require(Device.parse("cuda")))
                .getMessage();
        assertTrue(message.startsWith("--device cuda:0: no CUDA device answers"), message);
    }

    @Test
    void aGpuWithoutTheKernelsIsRefusedWithTheReason() {
        Device second = Device.parse("cuda:1");
        String reason = "no CUDA kernels: libudc_kernels_cuda.so: cannot open shared object file";
        assertEquals("--device cuda:1: " + reason + " ('./udc --cuda doctor' says what to do)",
                assertThrows(InputException.class, () -> Devices.require(second, 2, () -> Optional.of(reason)))
                        .getMessage());
        Devices.require(second, 2, Optional::empty);
    }

    @Test
    void theKernelsOfAGpuThatIsNotThereAreNotOpened() {
        Device second = Device.parse("cuda:1");
        assertThrows(InputException.class, () -> Devices.require(second, 1, () -> fail("opened")));
    }
}
