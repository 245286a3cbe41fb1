package io.udc.data;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Hands out the batches of a data set whose pictures all lie on a device as uint8, and augments them there. The batches
 * are those of a {@link BatchLoader}, bit for bit; all random choices of an epoch are made and copied at its start. One
 * consumer at a time: not thread-safe.
 */
final class ResidentLoader implements Examples {

    private final BatchPlan plan;
    private final Device device;
    private final BatchAugmentation augmentation;
    private final Tensor pictures;
    private final Tensor labels;
    private final WaitClock clock = new WaitClock();
    private Run current;

    ResidentLoader(ImageDataset dataset, BatchPlan plan, Augmentation augmentation, Device device) {
        this.plan = plan;
        this.device = device;
        this.augmentation = BatchAugmentation.of(augmentation, dataset.imageShape(), plan.batchSize(), device);
        Augmentation none = new Augmentation.None();
        try (BatchBuffer buffer = new BatchBuffer(dataset.imageShape(), plan.members().length)) {
            for (int index : plan.members()) {
                buffer.add(dataset, index, none, null);
            }
            try (Batch all = buffer.finish();
                    StepScope scope = StepScope.open()) {
                // Not by way of pinned memory, which libtorch would keep as long as the program runs.
                var target = Devices.toTorch(device);
                pictures = scope.keep(all.images().to(target, torch.ScalarType.Byte));
                labels = scope.keep(all.targets().to(target, torch.ScalarType.Long));
            }
        }
    }

    @Override
    public int batches() {
        return plan.batches();
    }

    @Override
    public Iterable<Batch> epoch(int epoch) {
        return () -> {
            endRun();
            clock.resume();
            clock.waitBegins();
            current = new Run(choices(epoch));
            clock.waitEnds();
            return current;
        };
    }

    /** Row per picture of an epoch: its position among the members, and what its augmentation has chosen. */
    private Tensor choices(int epoch) {
        int width = 1 + augmentation.choices();
        int[] order = plan.order(epoch);
        long[] table = new long[plan.pictures() * width];
        for (int i = 0; i < plan.pictures(); i++) {
            table[i * width] = order[i];
            augmentation.choose(plan.random(epoch, plan.members()[order[i]]), table, i * width + 1);
        }
        try (StepScope scope = StepScope.open()) {
            return scope.keep(Devices.place(Tensor.create(table, plan.pictures(), width), device));
        }
    }

    @Override
    public double waitShare() {
        return clock.share();
    }

    private void endRun() {
        if (current != null) {
            clock.pause();
            current.choices.close();
            current = null;
        }
    }

    @Override
    public void close() {
        endRun();
        augmentation.close();
        pictures.close();
        labels.close();
    }

    private final class Run implements Iterator<Batch> {

        private final Tensor choices;
        private int given;

        Run(Tensor choices) {
            this.choices = choices;
        }

        @Override
        public boolean hasNext() {
            clock.seen();
            return given < plan.batches();
        }

        @Override
        public Batch next() {
            if (given == plan.batches()) {
                throw new NoSuchElementException();
            }
            clock.waitBegins();
            long first = (long) given++ * plan.batchSize();
            long count = Math.min(plan.batchSize(), plan.pictures() - first);
            try (StepScope scope = StepScope.open()) {
                Tensor rows = choices.narrow(0, first, count);
                Tensor members = rows.select(1, 0);
                Tensor images = augmentation.apply(
                        pictures.index_select(0, members), rows.narrow(1, 1, augmentation.choices()));
                return new Batch(scope.keep(images), scope.keep(labels.index_select(0, members)));
            } finally {
                clock.waitEnds();
            }
        }
    }
}
