package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.space.SpaceGraph;
import java.util.stream.Stream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Turns probabilities into what multiplies activations: the share of each channel under its width decision, and the
 * probability that its operator is used. They multiply batch norm's scale and shift, so they cost no pass over the
 * activations; behind batch norm they cannot be normalised away. All channels of all layers are gated at once, by a
 * handful of operations however many there are, and enter the network as leaves. Not thread-safe.
 *
 * <p>The last layer of an operator that may be left out has no learned scale: with one, the scale would undo the gate,
 * and the task loss could not tell the operators apart.
 */
final class Gates implements AutoCloseable {

    private final SupernetParameters parameters;
    private final Tensor affine;
    private final Tensor entries;
    private final Product shares;
    private final Product kept;
    private final Product chosen;
    private final Tensor users;
    private final Tensor learned;
    private final Tensor notLearned;
    private Tensor gated;

    /** A matrix, and what is added to its products. */
    private record Product(Tensor matrix, Tensor constant) {
        Tensor with(Tensor values) {
            return torch.addmv(constant, matrix, values);
        }
    }

    Gates(SpaceGraph graph, SupernetParameters parameters, Device device) {
        this.parameters = parameters;
        GatePatterns patterns = new GatePatterns(graph);
        try (StepScope scope = StepScope.open()) {
            affine = scope.keep(parameters.affineLeaf());
            entries = scope.keep(Devices.place(Tensor.create(patterns.entries()), device));
            shares = product(scope, patterns.shares, device);
            kept = product(scope, patterns.kept, device);
            chosen = product(scope, patterns.chosen, device);
            users = scope.keep(matrix(patterns.users, device));
            learned = scope.keep(Devices.place(Tensor.create(patterns.learned), device));
            notLearned = scope.keep(learned.neg().add_(new Scalar(1f)));
        }
    }

    private static Product product(StepScope scope, GatePatterns.Rows rows, Device device) {
        return new Product(
                scope.keep(matrix(rows.matrix(), device)),
                scope.keep(Devices.place(Tensor.create(rows.constant()), device)));
    }

    private static Tensor matrix(float[][] rows, Device device) {
        int columns = rows[0].length;
        float[] flat = new float[rows.length * columns];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, flat, row * columns, columns);
        }
        return Devices.place(Tensor.create(flat, rows.length, columns), device);
    }

    /** Writes the gated scales and shifts for these probabilities, [decisions, options]. */
    void forward(Tensor probabilities) {
        Tensor used = probabilities.flatten().index_select(0, entries);
        Tensor use = users.mv(kept.with(used).mul(chosen.with(used)));
        Tensor own = torch.addcmul(notLearned, affine, learned);
        Tensor product = own.mul(shares.with(used).mul(use));
        gated = GradMode.is_enabled() ? product : null;
        try (NoGradient off = NoGradient.open()) {
            parameters.gatedAffine().copy_(product);
        }
    }

    /** Sends the gradients of the gated scales and shifts to the learned ones and to the probabilities. */
    void backward() {
        if (gated != null) {
            gated.backward(
                    parameters.gatedAffineGradients(), new BoolOptional(), false, new TensorArrayRefOptional());
        }
    }

    @Override
    public void close() {
        Stream.of(affine, entries, users, learned, notLearned).forEach(Tensor::close);
        Stream.of(shares, kept, chosen).forEach(product -> {
            product.matrix().close();
            product.constant().close();
        });
    }
}
