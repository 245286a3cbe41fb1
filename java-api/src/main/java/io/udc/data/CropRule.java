package io.udc.data;

/** Chooses the part of a picture that is read, once the picture's extent is known. */
@FunctionalInterface
public interface CropRule {

    /** A rectangle inside a picture of the given extent in pixels. */
    Crop choose(int width, int height);
}
