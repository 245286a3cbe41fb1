package io.udc.sr;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A high-resolution picture's file and, if there is one, the file of its reduction.
 *
 * @param high the original
 * @param low its reduction; when absent it is made by {@link BicubicResize#downscale}
 */
public record SrPair(Path high, Optional<Path> low) {

    /** The original's file name without its end. */
    public String name() {
        return baseName(high);
    }

    static String baseName(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }
}
