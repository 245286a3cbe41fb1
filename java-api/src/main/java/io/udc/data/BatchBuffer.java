package io.udc.data;

import io.udc.arch.Shape;
import io.udc.memory.StepScope;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A batch while it is filled. Each picture passes once through a Java array into the tensor's own memory.
 * Used by the one thread that made it.
 */
final class BatchBuffer implements AutoCloseable {

    private final StepScope scope = StepScope.open();
    private final byte[] picture;
    private final Tensor images;
    private final Tensor labels;
    private final ByteBuffer imageBytes;
    private final LongBuffer labelValues;

    BatchBuffer(Shape shape, int pictures) {
        picture = new byte[Math.toIntExact(shape.elements())];
        images = empty(torch.ScalarType.Byte, pictures, shape.channels(), shape.height(), shape.width());
        labels = empty(torch.ScalarType.Long, pictures);
        imageBytes = memory(images, (long) pictures * picture.length);
        labelValues = memory(labels, (long) pictures * Long.BYTES).asLongBuffer();
    }

    private static Tensor empty(torch.ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

    private static ByteBuffer memory(Tensor tensor, long bytes) {
        Pointer start = tensor.data_ptr();
        return start.capacity(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** Reads the next picture and its label. */
    void add(ImageDataset dataset, int index, Augmentation augmentation, SplittableRandom random) {
        augmentation.read(dataset, index, random, picture, 0);
        imageBytes.put(picture);
        labelValues.put(dataset.label(index));
    }

    /** The full batch, which outlives this buffer. */
    Batch finish() {
        return new Batch(scope.keep(images), scope.keep(labels));
    }

    /** Frees everything but a finished batch. */
    @Override
    public void close() {
        scope.close();
    }
}
