package io.udc.search.supernet;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.udc.search.cost.RateSource;

/**
 * How the search runs.
 *
 * @param warmupEpochs epochs in which only the weights learn, under random choices
 * @param searchEpochs epochs in which the decisions learn as well
 * @param batchSize pictures a step
 * @param learningRate of the weights; a relative change as long as they have a root mean square of 1
 * @param optimizer of the weights
 * @param normalizedWeights whether every output channel's weights are brought back to a root mean square of 1 after
 *     each step; otherwise they only start from it
 * @param decisionShare share of the training pictures that only the decisions see, above 0 and at most 0.5
 * @param decisionLearningRate of the decision logits (Adam)
 * @param temperature of the Gumbel noise's softmax
 * @param noise scale of the Gumbel noise, 0 for none
 * @param entropyExponent shape of the entropy schedule h(t) = 1 - t^exponent; 1 is a line
 * @param decisionSpan share of the search epochs over which one kind of decision is made: depth, operators and widths
 *     at the start, bits and sparsity at the end; 1 for all of them all along
 * @param entropyControl whether the schedule is enforced
 * @param penalty of the augmented Lagrangian, the quadratic term's weight
 * @param calibrationSteps steps between two measurements of bits per weight by the backend; every epoch starts with one
 *     as well
 * @param cost where the bits per weight come from by which the search counts; the network that it finds is always
 *     counted in encoded bytes
 * @param budgetShare the share of each budget at which the search aims, so that repair has little to do
 * @param cudaGraph whether a GPU's steps are recorded once and repeated ({@link RecordedPass}); a CPU ignores it
 */
public record SearchSettings(
        int warmupEpochs,
        int searchEpochs,
        int batchSize,
        double learningRate,
        WeightOptimizer optimizer,
        boolean normalizedWeights,
        double decisionShare,
        double decisionLearningRate,
        double temperature,
        double noise,
        double entropyExponent,
        double decisionSpan,
        boolean entropyControl,
        double penalty,
        int calibrationSteps,
        RateSource cost,
        double budgetShare,
        boolean cudaGraph) {

    /** The rule by which gradients change the shared weights; everything else is changed by Adam. */
    public enum WeightOptimizer {
        @JsonProperty("adam")
        ADAM,
        /** {@link io.udc.search.train.OrthogonalMomentum}. */
        @JsonProperty("muon")
        MUON
    }

    public SearchSettings {
        require(warmupEpochs >= 0 && warmupEpochs <= 10_000, "warmupEpochs", warmupEpochs, "0 to 10000");
        require(searchEpochs >= 1 && searchEpochs <= 10_000, "searchEpochs", searchEpochs, "1 to 10000");
        require(batchSize >= 2 && batchSize <= 65_536, "batchSize", batchSize, "2 to 65536");
        require(learningRate > 0 && learningRate <= 10, "learningRate", learningRate, "above 0 to 10");
        require(decisionShare > 0 && decisionShare <= 0.5, "decisionShare", decisionShare, "above 0 to 0.5");
        require(decisionLearningRate > 0 && decisionLearningRate <= 10, "decisionLearningRate",
                decisionLearningRate, "above 0 to 10");
        require(temperature > 0 && temperature <= 100, "temperature", temperature, "above 0 to 100");
        require(noise >= 0 && noise <= 10, "noise", noise, "0 to 10");
        require(entropyExponent > 0 && entropyExponent <= 10, "entropyExponent", entropyExponent,
                "above 0 to 10");
        require(decisionSpan > 0 && decisionSpan <= 1, "decisionSpan", decisionSpan, "above 0 to 1");
        require(penalty > 0 && penalty <= 1e6, "penalty", penalty, "above 0 to 1000000");
        require(calibrationSteps >= 1, "calibrationSteps", calibrationSteps, "at least 1");
        present("optimizer", optimizer);
        present("cost", cost);
        require(budgetShare > 0.5 && budgetShare <= 1, "budgetShare", budgetShare, "above 0.5 to 1");
    }

    private static void present(String field, Object value) {
        if (value == null) {
            throw new IllegalArgumentException("search." + field + ": missing");
        }
    }

    private static void require(boolean holds, String field, double found, String expected) {
        if (!holds) {
            String value = found == Math.rint(found) ? Long.toString((long) found) : Double.toString(found);
            throw new IllegalArgumentException("search." + field + ": found " + value + ", expected " + expected);
        }
    }
}
