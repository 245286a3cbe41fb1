package io.udc.search.supernet;

import io.udc.data.Batch;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.device.RecordedWork;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent.Message;
import io.udc.search.SearchListener;
import io.udc.search.space.SearchLayer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Records a pass when it has run a few times, and from then on repeats it by one call, on copies of its batch and
 * probabilities. Steps of weights and of decisions differ in whether the probabilities have a gradient, and are
 * recorded each by themselves, anew when the supernet computes other operators than before. A batch of another form
 * than the first is passed over directly. Where recording fails, all passes are direct from there on, and the listener
 * is told once. Not thread-safe.
 */
final class RecordedPass implements SupernetPass {

    /** Passes before a recording: the first chooses algorithms and takes workspaces, the second has all it needs. */
    static final int WARM_UP = 2;

    private final SupernetPass direct;
    private final Supplier<Set<SearchLayer>> leftOut;
    private final Supplier<RecordedWork> recorder;
    private final Device device;
    private final SearchListener listener;
    private final Map<Boolean, Recording> recordings = new HashMap<>();
    private boolean givenUp;

    /**
     * @param direct what is recorded; closed with this
     * @param leftOut the operators that the supernet does not compute at present
     * @param recorder makes what records one kind of pass
     */
    RecordedPass(
            SupernetPass direct,
            Supplier<Set<SearchLayer>> leftOut,
            Supplier<RecordedWork> recorder,
            Device device,
            SearchListener listener) {
        this.direct = direct;
        this.leftOut = leftOut;
        this.recorder = recorder;
        this.device = device;
        this.listener = listener;
    }

    @Override
    public Tensor run(Batch batch, Tensor probabilities) {
        if (givenUp) {
            return direct.run(batch, probabilities);
        }
        try {
            Recording recording = recordings.computeIfAbsent(
                    probabilities.requires_grad(), learns -> new Recording(batch, probabilities));
            return recording.fits(batch) ? recording.run(batch, probabilities) : direct.run(batch, probabilities);
        } catch (RuntimeException | LinkageError e) {
            giveUp(e);
            // Whatever the failed one left behind is written anew. If it was the pass's own fault, this one says so.
            return direct.run(batch, probabilities);
        }
    }

    private void giveUp(Throwable reason) {
        givenUp = true;
        String words = String.valueOf(reason.getMessage()).lines().findFirst().orElse(""); // libtorch adds its stack
        listener.on(Message.warning("search.cudaGraph: steps are not recorded from here on: " + words));
        recordings.values().forEach(Recording::close);
        recordings.clear();
    }

    @Override
    public void close() {
        recordings.values().forEach(Recording::close);
        direct.close();
    }

    /** One kind of pass, and the tensors between which it is repeated. */
    private final class Recording implements AutoCloseable {
        private final RecordedWork work;
        private final Batch batch;
        private final Tensor probabilities;
        private final Tensor loss;
        private Set<SearchLayer> without = Set.of();
        private int passes;

        Recording(Batch like, Tensor probabilitiesLike) {
            work = recorder.get();
            try (StepScope scope = StepScope.open()) {
                batch = new Batch(scope.keep(torch.empty_like(Devices.place(like.images(), device))),
                        scope.keep(torch.empty_like(Devices.place(like.targets(), device))));
                probabilities = scope.keep(torch.empty_like(probabilitiesLike));
                loss = scope.keep(Devices.place(torch.zeros(1), device));
                if (probabilitiesLike.requires_grad()) {
                    probabilities.set_requires_grad(true);
                    probabilities.mutable_grad().put(torch.zeros_like(probabilities));
                }
            }
        }

        boolean fits(Batch other) {
            return sameForm(batch.images(), other.images()) && sameForm(batch.targets(), other.targets());
        }

        Tensor run(Batch from, Tensor chosen) {
            if (!leftOut.get().equals(without)) {
                without = leftOut.get();
                passes = 0;
            }
            try (NoGradient off = NoGradient.open()) {
                batch.images().copy_(Devices.place(from.images(), device));
                batch.targets().copy_(Devices.place(from.targets(), device));
                probabilities.copy_(chosen);
            }
            if (passes < WARM_UP) {
                work.warmUp(this::pass);
            } else {
                if (passes == WARM_UP) {
                    work.capture(this::pass);
                }
                work.replay();
            }
            passes = Math.min(passes + 1, WARM_UP + 1);
            if (chosen.requires_grad()) {
                chosen.mutable_grad().put(probabilities.grad());
            }
            return loss;
        }

        /** What is recorded. Its results are written to where the next pass will write its own. */
        private void pass() {
            try (StepScope scope = StepScope.open()) {
                if (probabilities.requires_grad()) {
                    probabilities.grad().zero_();
                }
                loss.copy_(direct.run(batch, probabilities));
            }
        }

        @Override
        public void close() {
            work.close();
            batch.close();
            for (Pointer tensor : new Pointer[] {probabilities, loss}) {
                tensor.close();
            }
        }
    }

    private static boolean sameForm(Tensor a, Tensor b) {
        return Arrays.equals(a.shape(), b.shape()) && a.scalar_type().intern() == b.scalar_type().intern();
    }
}
