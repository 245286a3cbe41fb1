package io.udc.data;

import org.bytedeco.pytorch.Tensor;

/**
 * Pictures and their classes. The batch belongs to whoever received it, who closes it; no scope frees it
 * earlier.
 *
 * @param images uint8 [N,C,H,W] in main memory
 * @param labels int64 [N] in main memory
 */
public record Batch(Tensor images, Tensor labels) implements Prefetcher.Item {

    /** Number of pictures. */
    public int size() {
        return Math.toIntExact(labels.size(0));
    }

    /** Frees both tensors. */
    @Override
    public void close() {
        images.close();
        labels.close();
    }
}
