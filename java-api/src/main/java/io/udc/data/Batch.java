package io.udc.data;

import org.bytedeco.pytorch.Tensor;

/**
 * Pictures and what a network is to make of them. The batch belongs to whoever received it, who closes it; no scope
 * frees it earlier.
 *
 * @param images uint8 [N,C,H,W], in main memory or on the device that holds the whole data set
 * @param targets in the same place: of a classifier the classes, int64 [N]; of an upscaler the originals, uint8
 *     [N,C,H*scale,W*scale]
 */
public record Batch(Tensor images, Tensor targets) implements Prefetcher.Item {

    /** Number of pictures. */
    public int size() {
        return Math.toIntExact(images.size(0));
    }

    /** Frees both tensors. */
    @Override
    public void close() {
        images.close();
        targets.close();
    }
}
