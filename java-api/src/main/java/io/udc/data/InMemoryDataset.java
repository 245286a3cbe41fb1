package io.udc.data;

import io.udc.arch.Shape;
import java.util.List;

/**
 * A data set whose pictures lie one after another in one array. Thread-safe: nothing changes after
 * construction.
 */
final class InMemoryDataset implements ImageDataset {

    private final String name;
    private final Shape shape;
    private final List<String> classNames;
    private final int[] labels;
    private final byte[] pixels;

    /** Takes the arrays over without a copy. */
    InMemoryDataset(String name, Shape shape, List<String> classNames, int[] labels, byte[] pixels) {
        if (pixels.length != labels.length * shape.elements()) {
            throw new IllegalArgumentException(
                    name + ": " + pixels.length + " bytes for " + labels.length + " pictures of " + shape);
        }
        this.name = name;
        this.shape = shape;
        this.classNames = List.copyOf(classNames);
        this.labels = labels;
        this.pixels = pixels;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public Shape imageShape() {
        return shape;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public boolean isInMemory() {
        return true;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public void read(int index, byte[] target, int offset) {
        int bytes = (int) shape.elements();
        System.arraycopy(pixels, index * bytes, target, offset, bytes);
    }
}
