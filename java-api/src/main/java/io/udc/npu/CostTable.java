package io.udc.npu;

/**
 * Costs of one operator over a grid of widths and compressions.
 *
 * @param inputs number of input widths
 * @param outputs number of output widths
 * @param variants number of compressions
 * @param cycles total cycles; see {@link #index}
 * @param bytes encoded bytes; see {@link #index}
 */
public record CostTable(int inputs, int outputs, int variants, double[] cycles, long[] bytes) {

    /** Place of a cell in the arrays. */
    public int index(int input, int output, int variant) {
        return (input * outputs + output) * variants + variant;
    }
}
