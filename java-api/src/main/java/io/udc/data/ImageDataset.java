package io.udc.data;

import io.udc.arch.Shape;
import java.util.List;

/**
 * Labelled pictures of one size, read by index. Pixels are 8-bit unsigned values in planes [C][H][W], row
 * major, the planes in the order red, green, blue. Implementations are immutable or otherwise safe for use by
 * many threads.
 */
public interface ImageDataset {

    /** A short name for messages and reports, such as {@code cifar100 train}. */
    String name();

    /** Number of pictures, at least 1. */
    int size();

    /** Extent of every picture. */
    Shape imageShape();

    /** One name per class; a label is an index into this list. */
    List<String> classNames();

    /** Whether all pictures lie in main memory. */
    default boolean isInMemory() {
        return false;
    }

    /** The class of a picture, 0 to {@code classNames().size() - 1}. */
    int label(int index);

    /**
     * Writes the picture's planes to {@code target[offset]} and on, {@code imageShape().elements()} bytes.
     *
     * @throws io.udc.InputException if the picture's file can't be read or decoded
     */
    void read(int index, byte[] target, int offset);

    /**
     * Writes a part of the picture, stretched bilinearly to {@link #imageShape}. Data sets with pictures
     * larger than that shape override this to cut from the original pixels; the others cut from the picture
     * itself.
     *
     * @param rule chooses the part once the extent of the original is known
     * @throws io.udc.InputException if the picture's file can't be read or decoded
     */
    default void readCrop(int index, CropRule rule, byte[] target, int offset) {
        Shape shape = imageShape();
        byte[] whole = new byte[Math.toIntExact(shape.elements())];
        read(index, whole, 0);
        Crop crop = rule.choose(shape.width(), shape.height());
        Planes.stretch(whole, shape, crop, target, offset);
    }
}
