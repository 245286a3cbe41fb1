package io.udc.search.bench;

/** An executor with a network and room for one picture; used by one thread at a time. */
interface PictureRunner extends AutoCloseable {

    /** Which executor, with its code path. */
    String executor();

    /** @param values int8 values [row, column, channel] of the picture that {@link #run} reads */
    void setPicture(byte[] values);

    /** Runs the picture. */
    void run();

    /** What {@link #run} has computed, in the same order. */
    byte[] answer();

    /** Memory of the session beside the model, or -1 if the executor does not say. */
    long sessionBytes();

    @Override
    void close();
}
