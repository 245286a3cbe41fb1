package io.udc.sr;

import io.udc.data.Prefetcher;
import org.bytedeco.pytorch.Tensor;

/**
 * Aligned patches of luma. The batch belongs to whoever received it, who closes it; no scope frees it
 * earlier.
 *
 * @param low uint8 [N,1,P,P] in main memory
 * @param high uint8 [N,1,P*scale,P*scale] in main memory
 */
public record PatchBatch(Tensor low, Tensor high) implements Prefetcher.Item {

    /** Frees both tensors. */
    @Override
    public void close() {
        low.close();
        high.close();
    }
}
