package io.udc.image;

import io.udc.arch.Shape;
import io.udc.memory.StepScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * An 8-bit picture, grey or colour.
 *
 * @param shape 1 channel (grey) or 3 (red, green, blue), height, width
 * @param planes unsigned bytes [C][H][W], row major; not copied, so whoever made the picture leaves them
 *     alone
 */
public record Picture(Shape shape, byte[] planes) {

    public Picture {
        if (shape.channels() != 1 && shape.channels() != 3) {
            throw new IllegalArgumentException("channels: found " + shape.channels() + ", expected 1 or 3");
        }
        if (planes.length != shape.elements()) {
            throw new IllegalArgumentException(
                    "planes: found " + planes.length + " bytes, expected " + shape);
        }
    }

    public int channels() {
        return shape.channels();
    }

    public int height() {
        return shape.height();
    }

    public int width() {
        return shape.width();
    }

    /** Three equal planes for a grey picture, the picture itself for a colour one. */
    public Picture toColour() {
        if (channels() == 3) {
            return this;
        }
        byte[] colour = new byte[3 * planes.length];
        for (int channel = 0; channel < 3; channel++) {
            System.arraycopy(planes, 0, colour, channel * planes.length, planes.length);
        }
        return new Picture(new Shape(3, height(), width()), colour);
    }

    /** A copy of a rectangle that lies inside the picture. */
    public Picture cut(int x, int y, int width, int height) {
        byte[] part = new byte[channels() * height * width];
        for (int channel = 0; channel < channels(); channel++) {
            for (int row = 0; row < height; row++) {
                int from = (channel * height() + y + row) * width() + x;
                System.arraycopy(planes, from, part, (channel * height + row) * width, width);
            }
        }
        return new Picture(new Shape(channels(), height, width), part);
    }

    /** This picture stretched: averaging over areas where it shrinks, bilinearly where it grows (OpenCV). */
    public Picture resizedTo(int height, int width) {
        if (height == height() && width == width()) {
            return this;
        }
        byte[] resized = new byte[channels() * height * width];
        for (int channel = 0; channel < channels(); channel++) {
            resizePlane(channel, height, width, resized);
        }
        return new Picture(new Shape(channels(), height, width), resized);
    }

    @SuppressWarnings("try") // the scope works by being open
    private void resizePlane(int channel, int height, int width, byte[] target) {
        try (StepScope scope = StepScope.open()) {
            int bytes = height() * width();
            Mat source = new Mat(height(), width(), opencv_core.CV_8UC1);
            source.data().put(planes, channel * bytes, bytes);
            Mat resized = new Mat();
            boolean shrinks = height < height() && width < width();
            int method = shrinks ? opencv_imgproc.INTER_AREA : opencv_imgproc.INTER_LINEAR;
            opencv_imgproc.resize(source, resized, new Size(width, height), 0, 0, method);
            resized.data().get(target, channel * height * width, height * width);
        }
    }
}
