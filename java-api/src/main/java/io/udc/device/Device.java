package io.udc.device;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The processor that searches and trains: {@code cpu}, {@code cuda} or {@code cuda:n}. Naming a device says nothing
 * about whether the machine has it; {@link Devices} does.
 *
 * @param type kind of processor
 * @param index which GPU, from 0; 0 for the CPU
 */
public record Device(Type type, int index) {

    /** Kinds of processors. */
    public enum Type {
        CPU,
        CUDA
    }

    public static final Device CPU = new Device(Type.CPU, 0);

    private static final Pattern SYNTAX = Pattern.compile("cpu|cuda(?::(\\d{1,2}))?");

    public Device {
        if (index < 0 || index > 99 || (type == Type.CPU && index != 0)) {
            throw new IllegalArgumentException("found device index " + index + ", expected 0 to 99, 0 for cpu");
        }
    }

    /**
     * Reads a device's name.
     *
     * @throws InputException if it is none
     */
    @JsonCreator
    public static Device parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new InputException("found '" + text + "', expected cpu, cuda or cuda:N");
        }
        if (text.equals("cpu")) {
            return CPU;
        }
        return new Device(Type.CUDA, matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)));
    }

    public boolean isCuda() {
        return type == Type.CUDA;
    }

    @Override
    @JsonValue
    public String toString() {
        return isCuda() ? "cuda:" + index : "cpu";
    }
}
