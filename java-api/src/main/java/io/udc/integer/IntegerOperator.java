package io.udc.integer;

/** One node, ready to run. Feature maps are int8 arrays in the order [picture, channel, row, column]. */
interface IntegerOperator extends AutoCloseable {

    /**
     * Computes the node.
     *
     * @param inputs the maps that the node reads, in order
     * @param pictures how many pictures they hold
     */
    byte[] run(byte[][] inputs, int pictures);

    @Override
    default void close() {}
}
