package io.udc.npu;

/**
 * An operator between tensors, which the caller numbers from 0.
 *
 * @param name for messages and reports
 * @param operator what is computed
 * @param sizes encoded sizes of its weights
 * @param input tensor that it reads
 * @param second second tensor that it reads, or -1
 * @param output tensor that it writes
 */
public record NetworkOperator(
        String name, NpuOperator operator, EncodedSizes sizes, int input, int second, int output) {}
