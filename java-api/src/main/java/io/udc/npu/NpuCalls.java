package io.udc.npu;

import io.udc.InputException;
import io.udc.bindings.Npu;

/** Status codes of the backend as exceptions. */
final class NpuCalls {

    private NpuCalls() {}

    /**
     * Throws unless a call succeeded.
     *
     * @throws InputException for arguments and operators that the backend refuses: they come from a user's
     *     network; and for corrupt streams
     */
    static void check(int status, Npu.udc_npu_error error) {
        if (status == Npu.UDC_NPU_OK) {
            return;
        }
        String message = error.message().getString();
        switch (status) {
            case Npu.UDC_NPU_INVALID_ARGUMENT, Npu.UDC_NPU_UNSUPPORTED, Npu.UDC_NPU_LIMIT_EXCEEDED ->
                throw new InputException(message);
            case Npu.UDC_NPU_CORRUPT_STREAM ->
                throw new InputException("bit " + error.bit_position() + ": " + message);
            case Npu.UDC_NPU_OUT_OF_MEMORY -> throw new OutOfMemoryError(message);
            default -> throw new IllegalStateException("NPU backend, status " + status + ": " + message);
        }
    }
}
