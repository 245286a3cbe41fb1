package io.udc.search.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a network is searched for. */
public enum Task {
    /** Ten classes of shapes, 32x32, that the program draws itself. */
    SHAPES(false),
    CIFAR10(true),
    CIFAR100(true),
    /** Folders of pictures, one for each class. */
    IMAGENET(true),
    /** Enlarges the luma of pictures. */
    SR(true);

    private final boolean needsData;

    Task(boolean needsData) {
        this.needsData = needsData;
    }

    /** Whether a folder with the data set must be given. */
    public boolean needsData() {
        return needsData;
    }

    /**
     * Reads a task's name.
     *
     * @throws InputException if there is none of this name
     */
    @JsonCreator
    public static Task parse(String text) {
        return Arrays.stream(values())
                .filter(task -> task.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new InputException("found '" + text + "', expected one of "
                        + Arrays.stream(values()).map(Task::toString).collect(Collectors.joining(", "))));
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
