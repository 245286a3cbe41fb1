package io.udc.data;

import io.udc.InputException;
import io.udc.arch.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pictures whose every byte follows from the index, in three classes; reading {@code brokenIndex} fails.
 *
 * @param size number of pictures
 * @param imageShape their extent
 * @param brokenIndex the picture that can't be read, or -1
 */
record NumberedDataset(int size, Shape imageShape, int brokenIndex) implements ImageDataset {

    static NumberedDataset of(int size) {
        return new NumberedDataset(size, new Shape(3, 6, 5), -1);
    }

    @Override
    public String name() {
        return "numbered";
    }

    @Override
    public List<String> classNames() {
        return IntStream.range(0, 3).mapToObj(Integer::toString).toList();
    }

    @Override
    public int label(int index) {
        return index % 3;
    }

    @Override
    public void read(int index, byte[] target, int offset) {
        if (index == brokenIndex) {
            throw new InputException("picture " + index + ": broken");
        }
        for (int i = 0; i < imageShape.elements(); i++) {
            target[offset + i] = pixel(index, i);
        }
    }

    static byte pixel(int index, int position) {
        return (byte) (index * 31 + position);
    }
}
