package io.udc.tflite;

import org.tensorflow.lite.schema.BuiltinOperator;

/** The schema's names of operators, also of those that are younger than the generated classes. */
final class OperatorNames {

    /** Names from code 127 on. */
    private static final String[] YOUNGER = {
        "PLACEHOLDER_FOR_GREATER_OP_CODES", "CUMSUM", "CALL_ONCE", "BROADCAST_TO", "RFFT2D", "CONV_3D", "IMAG", "REAL",
        "COMPLEX_ABS", "HASHTABLE", "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE", "REDUCE_ALL",
        "CONV_3D_TRANSPOSE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "BROADCAST_ARGS",
        "RANDOM_STANDARD_NORMAL", "BUCKETIZE", "RANDOM_UNIFORM", "MULTINOMIAL", "GELU", "DYNAMIC_UPDATE_SLICE",
        "RELU_0_TO_1", "UNSORTED_SEGMENT_PROD", "UNSORTED_SEGMENT_MAX", "UNSORTED_SEGMENT_SUM", "ATAN2",
        "UNSORTED_SEGMENT_MIN", "SIGN", "BITCAST", "BITWISE_XOR", "RIGHT_SHIFT"
    };

    private OperatorNames() {}

    /** The name of a code; of those without one, the code itself. */
    static String of(int code) {
        int younger = code - BuiltinOperator.names.length;
        if (code < 0 || younger >= YOUNGER.length) {
            return "OPERATOR_" + code;
        }
        return younger < 0 ? BuiltinOperator.name(code) : YOUNGER[younger];
    }
}
