package io.udc.search;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Map;
import java.util.TreeMap;

/** What a run reports while it goes on. Every event is immutable. */
public sealed interface SearchEvent {

    /**
     * A part of the run begins.
     *
     * @param phase short name, the same in the events that belong to it, such as {@code search}
     * @param epochs number of passes over the data that it will take; 0 if it does not train
     */
    record PhaseStarted(String phase, int epochs) implements SearchEvent {}

    /**
     * A training step is done; for progress display, sent as often as a {@link ReportRule} says.
     *
     * @param phase the part of the run
     * @param epoch from 1
     * @param step from 1
     * @param steps steps of an epoch
     * @param loss mean training loss of the steps since the last event
     */
    record StepDone(String phase, int epoch, int step, int steps, double loss) implements SearchEvent {}

    /**
     * An epoch is done: a line of metrics.jsonl.
     *
     * @param phase the part of the run
     * @param epoch from 1
     * @param epochs number of epochs of the phase
     * @param loss mean training loss of the epoch
     * @param seconds wall time of the epoch
     * @param search state of the decisions; null outside the search
     * @param values further figures by name, such as the learning rate or the share of time waiting for data
     */
    @JsonIgnoreProperties("metric") // always null in logs of earlier versions
    record EpochDone(
            String phase,
            int epoch,
            int epochs,
            double loss,
            double seconds,
            SearchState search,
            Map<String, Double> values)
            implements SearchEvent {

        public EpochDone {
            values = Map.copyOf(values);
        }
    }

    /**
     * Where the decisions stand.
     *
     * @param expectedBytes expected encoded bytes under the decisions' probabilities
     * @param encodedBytes bytes of the likeliest network with the current weights; null if it was not encoded
     * @param expectedLatencySeconds expected latency; null if it is not modelled
     * @param expectedSramBytes expected peak SRAM; null if it is not modelled
     * @param entropyTarget the schedule's mean normalised entropy, 0 to 1
     * @param entropy mean normalised entropy of each kind of decision, 0 to 1
     * @param multipliers multiplier of each constraint
     */
    record SearchState(
            double expectedBytes,
            Long encodedBytes,
            Double expectedLatencySeconds,
            Double expectedSramBytes,
            double entropyTarget,
            Map<String, Double> entropy,
            Map<String, Double> multipliers) {

        public SearchState {
            entropy = new TreeMap<>(entropy);
            multipliers = new TreeMap<>(multipliers);
        }
    }

    /** A line for people. */
    record Message(Level level, String text) implements SearchEvent {

        /** How much it matters. */
        public enum Level {
            INFO,
            WARNING
        }

        public static Message info(String text) {
            return new Message(Level.INFO, text);
        }

        public static Message warning(String text) {
            return new Message(Level.WARNING, text);
        }
    }
}
