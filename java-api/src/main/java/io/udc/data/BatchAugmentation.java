package io.udc.data;

import io.udc.arch.Shape;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An {@link Augmentation} of whole batches where their tensors live. It makes the same choices from the same generator
 * and the same pictures, bit for bit. Not thread-safe.
 */
interface BatchAugmentation extends AutoCloseable {

    /** How many numbers are chosen for a picture. */
    int choices();

    /** Chooses for the next picture, into {@code target[offset]} and on. */
    void choose(SplittableRandom random, long[] target, int offset);

    /**
     * Changes a batch.
     *
     * @param pictures uint8 [N,C,H,W]; left as it is
     * @param choices int64 [N, choices]
     * @return uint8 [N,C,H,W], which may be {@code pictures}; the open scope owns it
     */
    Tensor apply(Tensor pictures, Tensor choices);

    @Override
    void close();

    /** Whether there is one for an augmentation. */
    static boolean covers(Augmentation augmentation) {
        return augmentation instanceof Augmentation.Cutout cutout
                ? covers(cutout.before())
                : !(augmentation instanceof Augmentation.RandomResizedCrop);
    }

    /**
     * That of an augmentation.
     *
     * @param pictures most pictures of a batch
     * @throws IllegalArgumentException if there is none
     */
    static BatchAugmentation of(Augmentation augmentation, Shape shape, int pictures, Device device) {
        if (augmentation instanceof Augmentation.None) {
            return new None();
        } else if (augmentation instanceof Augmentation.PadCropFlip shift) {
            return new PadCropFlip(shift, shape, pictures, device);
        } else if (augmentation instanceof Augmentation.Cutout cutout) {
            return new Cutout(cutout, of(cutout.before(), shape, pictures, device), shape, device);
        }
        throw new IllegalArgumentException("no batches of " + augmentation);
    }

    /** 0 to count - 1 times a factor, along one dimension of [N,C,H,W]. */
    private static Tensor steps(int count, long factor, int dimension, Device device) {
        long[] shape = {1, 1, 1, 1};
        shape[dimension] = count;
        return Devices.place(
                Tensor.create(LongStream.range(0, count).map(i -> i * factor).toArray(), shape), device);
    }

    /** A number of each picture, [N,1,1,1]. */
    private static Tensor column(Tensor choices, int column) {
        return choices.select(1, column).view(-1, 1, 1, 1);
    }

    /** See {@link Augmentation.None}. */
    final class None implements BatchAugmentation {

        @Override
        public int choices() {
            return 0;
        }

        @Override
        public void choose(SplittableRandom random, long[] target, int offset) {}

        @Override
        public Tensor apply(Tensor pictures, Tensor choices) {
            return pictures;
        }

        @Override
        public void close() {}
    }

    /** See {@link Augmentation.PadCropFlip}. */
    final class PadCropFlip implements BatchAugmentation {

        private final Augmentation.PadCropFlip shift;
        private final Tensor planes;
        private final Tensor rows;
        private final Tensor columns;
        private final Tensor mirrored;

        private PadCropFlip(Augmentation.PadCropFlip shift, Shape shape, int pictures, Device device) {
            this.shift = shift;
            int width = shape.width() + 2 * shift.pad();
            int plane = (shape.height() + 2 * shift.pad()) * width;
            try (StepScope scope = StepScope.open()) {
                planes = scope.keep(steps(pictures, (long) shape.channels() * plane, 0, device)
                        .add(steps(shape.channels(), plane, 1, device)));
                rows = scope.keep(steps(shape.height(), width, 2, device));
                columns = scope.keep(steps(shape.width(), 1, 3, device));
                mirrored = scope.keep(columns.mul(new Scalar(-2)).add_(new Scalar(shape.width() - 1)));
            }
        }

        @Override
        public int choices() {
            return 3;
        }

        @Override
        public void choose(SplittableRandom random, long[] target, int offset) {
            Augmentation.Move move = shift.draw(random);
            target[offset] = move.dx();
            target[offset + 1] = move.dy();
            target[offset + 2] = move.mirror() ? 1 : 0;
        }

        @Override
        public Tensor apply(Tensor pictures, Tensor choices) {
            int pad = shift.pad();
            Tensor padded = torch.constant_pad_nd(pictures, pad, pad, pad, pad);
            Tensor x = columns.add(mirrored.mul(column(choices, 2))).add_(column(choices, 0)).add_(new Scalar(pad));
            Tensor y = column(choices, 1).add(new Scalar(pad)).mul_(new Scalar(padded.size(3))).add(rows);
            return padded.take(planes.narrow(0, 0, pictures.size(0)).add(y).add(x));
        }

        @Override
        public void close() {
            List.of(planes, rows, columns, mirrored).forEach(Tensor::close);
        }
    }

    /** See {@link Augmentation.Cutout}. */
    final class Cutout implements BatchAugmentation {

        private final Augmentation.Cutout cutout;
        private final BatchAugmentation before;
        private final Shape shape;
        private final Tensor rows;
        private final Tensor columns;

        private Cutout(Augmentation.Cutout cutout, BatchAugmentation before, Shape shape, Device device) {
            this.cutout = cutout;
            this.before = before;
            this.shape = shape;
            try (StepScope scope = StepScope.open()) {
                rows = scope.keep(steps(shape.height(), 1, 2, device));
                columns = scope.keep(steps(shape.width(), 1, 3, device));
            }
        }

        @Override
        public int choices() {
            return before.choices() + 2;
        }

        @Override
        public void choose(SplittableRandom random, long[] target, int offset) {
            before.choose(random, target, offset);
            Augmentation.Corner corner = cutout.draw(shape, random);
            target[offset + before.choices()] = corner.x();
            target[offset + before.choices() + 1] = corner.y();
        }

        @Override
        public Tensor apply(Tensor pictures, Tensor choices) {
            Tensor changed = before.apply(pictures, choices);
            Tensor covered = covered(columns, column(choices, before.choices()))
                    .logical_and(covered(rows, column(choices, before.choices() + 1)));
            return changed.masked_fill(covered, new Scalar(Augmentation.Cutout.MIDDLE));
        }

        private Tensor covered(Tensor places, Tensor first) {
            Tensor inside = places.sub(first);
            return inside.ge(new Scalar(0)).logical_and(inside.lt(new Scalar(cutout.size())));
        }

        @Override
        public void close() {
            before.close();
            rows.close();
            columns.close();
        }
    }
}
