package io.udc.sr;

/** Structural similarity of two pictures' luma; see {@link Quality} for the constants. */
final class Ssim {

    private static final int WINDOW = 11;
    private static final double DEVIATION = 1.5;
    private static final double C1 = (0.01 * 255) * (0.01 * 255);
    private static final double C2 = (0.03 * 255) * (0.03 * 255);

    private Ssim() {}

    static double of(Luma a, Luma b) {
        int height = a.height() - WINDOW + 1;
        int width = a.width() - WINDOW + 1;
        if (height < 1 || width < 1) {
            return Double.NaN;
        }
        double[] x = a.values();
        double[] y = b.values();
        double[] meanX = smoothed(x, a.width());
        double[] meanY = smoothed(y, a.width());
        double[] meanXX = smoothed(product(x, x), a.width());
        double[] meanYY = smoothed(product(y, y), a.width());
        double[] meanXY = smoothed(product(x, y), a.width());
        double sum = 0;
        for (int i = 0; i < meanX.length; i++) {
            double xx = meanX[i] * meanX[i];
            double yy = meanY[i] * meanY[i];
            double xy = meanX[i] * meanY[i];
            double covariance = meanXY[i] - xy;
            double variances = meanXX[i] - xx + meanYY[i] - yy;
            sum += (2 * xy + C1) * (2 * covariance + C2) / ((xx + yy + C1) * (variances + C2));
        }
        return sum / meanX.length;
    }

    private static double[] product(double[] a, double[] b) {
        double[] product = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            product[i] = a[i] * b[i];
        }
        return product;
    }

    /** Gaussian mean around every position whose window lies wholly inside. */
    private static double[] smoothed(double[] values, int width) {
        double[] kernel = kernel();
        int height = values.length / width;
        int outWidth = width - WINDOW + 1;
        double[] across = new double[height * outWidth];
        for (int y = 0; y < height; y++) {
            for (int k = 0; k < WINDOW; k++) {
                add(values, y * width + k, kernel[k], across, y * outWidth, outWidth);
            }
        }
        double[] result = new double[(height - WINDOW + 1) * outWidth];
        for (int y = 0; y <= height - WINDOW; y++) {
            for (int k = 0; k < WINDOW; k++) {
                add(across, (y + k) * outWidth, kernel[k], result, y * outWidth, outWidth);
            }
        }
        return result;
    }

    private static void add(double[] in, int from, double weight, double[] out, int to, int count) {
        for (int i = 0; i < count; i++) {
            out[to + i] += weight * in[from + i];
        }
    }

    private static double[] kernel() {
        double[] kernel = new double[WINDOW];
        double sum = 0;
        for (int i = 0; i < WINDOW; i++) {
            double d = i - WINDOW / 2;
            kernel[i] = Math.exp(-d * d / (2 * DEVIATION * DEVIATION));
            sum += kernel[i];
        }
        for (int i = 0; i < WINDOW; i++) {
            kernel[i] /= sum;
        }
        return kernel;
    }
}
