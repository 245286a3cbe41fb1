package io.udc.search.train;

import io.udc.arch.Architecture;
import io.udc.data.Examples;
import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.integer.IntegerModel;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** What a network is trained to do: its examples, its loss, and how it is judged. */
public interface TrainingTask {

    Metric metric();

    /**
     * The greatest difference by the metric between the fake-quantized and the integer network that is not a
     * defect.
     */
    double greatestGap();

    /** How 8-bit pictures become the network's input. */
    Normalization normalization();

    /**
     * Checks that an architecture reads this task's pictures and answers as it should.
     *
     * @throws io.udc.InputException saying what was found and what was expected
     */
    void check(Architecture architecture);

    /**
     * Starts to prepare the training examples; the caller closes them.
     *
     * @param device that trains; the batches may lie there or in main memory
     */
    Examples examples(TrainingConfig config, long seed, Device device);

    /** The loss by a recipe. */
    Objective objective(TrainingConfig config);

    /**
     * Judges a network on pictures that training never sees.
     *
     * @param architecture of the network
     * @param network from uint8 pictures [N,C,H,W] in main memory to its real output; an open scope owns that
     * @return by {@link #metric}
     */
    double evaluate(Architecture architecture, UnaryOperator<Tensor> network);

    /** Judges an integer network on the same pictures. */
    double evaluate(IntegerModel model);
}
