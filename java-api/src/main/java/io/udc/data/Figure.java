package io.udc.data;

import java.util.Locale;

/**
 * The classes of {@link ShapesDataset}. Each is a set of closed contours around the origin, within radius 1;
 * where contours overlap, the inside is out (even-odd rule).
 */
enum Figure {
    CIRCLE {
        @Override
        double[][] contours() {
            return new double[][] {regular(ROUND, 1)};
        }
    },
    LENS {
        @Override
        double[][] contours() {
            return new double[][] {stretched(regular(ROUND, 1), 0.45)};
        }
    },
    TRIANGLE {
        @Override
        double[][] contours() {
            return new double[][] {regular(3, 1)};
        }
    },
    SQUARE {
        @Override
        double[][] contours() {
            return new double[][] {regular(4, 1)};
        }
    },
    HOURGLASS {
        @Override
        double[][] contours() {
            return new double[][] {{0.8, 0.8, -0.8, 0.8, 0.8, -0.8, -0.8, -0.8}};
        }
    },
    STAR {
        @Override
        double[][] contours() {
            return new double[][] {alternating(5, 0.5)};
        }
    },
    CROSS {
        @Override
        double[][] contours() {
            double arm = 0.3;
            double end = 0.95;
            return new double[][] {
                {
                    arm, arm, end, arm, end, -arm, arm, -arm, arm, -end, -arm, -end, //
                    -arm, -arm, -end, -arm, -end, arm, -arm, arm, -arm, end, arm, end
                }
            };
        }
    },
    RING {
        @Override
        double[][] contours() {
            return new double[][] {regular(ROUND, 1), regular(ROUND, 0.5)};
        }
    },
    CRESCENT {
        @Override
        double[][] contours() {
            return new double[][] {crescent()};
        }
    },
    FRAME {
        @Override
        double[][] contours() {
            return new double[][] {regular(4, 1), regular(4, 0.5)};
        }
    };

    private static final int ROUND = 24;

    /** x, y, x, y, ... of each contour. */
    abstract double[][] contours();

    String className() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static double[] regular(int corners, double radius) {
        double[] points = new double[2 * corners];
        for (int i = 0; i < corners; i++) {
            double angle = 2 * Math.PI * i / corners;
            points[2 * i] = radius * StrictMath.cos(angle);
            points[2 * i + 1] = radius * StrictMath.sin(angle);
        }
        return points;
    }

    private static double[] stretched(double[] points, double factor) {
        for (int i = 1; i < points.length; i += 2) {
            points[i] *= factor;
        }
        return points;
    }

    private static double[] alternating(int tips, double inner) {
        double[] points = regular(2 * tips, 1);
        for (int i = 2; i < points.length; i += 4) {
            points[i] *= inner;
            points[i + 1] *= inner;
        }
        return points;
    }

    /** The outer arc of a circle, closed by a flatter arc through the same two points. */
    private static double[] crescent() {
        int steps = ROUND / 2;
        double[] points = new double[4 * steps];
        for (int i = 0; i < steps; i++) {
            double angle = Math.PI * (i / (double) steps - 0.5);
            points[2 * i] = StrictMath.cos(angle) - 0.4;
            points[2 * i + 1] = StrictMath.sin(angle);
            points[2 * (steps + i)] = 0.4 * StrictMath.cos(angle) - 0.4;
            points[2 * (steps + i) + 1] = -StrictMath.sin(angle);
        }
        return points;
    }
}
