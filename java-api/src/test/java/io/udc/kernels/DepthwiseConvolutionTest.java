package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.udc.kernels.KernelReference.Sum;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class DepthwiseConvolutionTest extends KernelTest {

    private static final int PICTURES = 3;
    private static final int KERNEL = 5;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CUDA")
    void convolvesAndSendsGradientsBack(Implementation implementation) {
        use(implementation);
        for (int channels : new int[] {1, 8, 19, 40}) {
            for (int stride = 1; stride <= 2; stride++) {
                check(channels, 7, 6, stride);
            }
        }
    }

    private void check(int channels, int height, int width, int stride) {
        int top = stride == 1 ? 2 : 1;
        int rows = (height + stride - 1) / stride;
        int columns = (width + stride - 1) / stride;
        float[] x = normals(PICTURES * height * width * channels, 1);
        float[] w = normals(channels * KERNEL * KERNEL, 1);
        float[] g = normals(PICTURES * rows * columns * channels, 1);
        Sum[] output = Sum.array(g.length);
        Sum[] toInput = Sum.array(x.length);
        Sum[] toWeights = Sum.array(w.length);
        for (int o = 0; o < g.length; o++) {
            int c = o % channels;
            int u = o / channels % columns;
            int v = o / channels / columns % rows;
            int n = o / channels / columns / rows;
            for (int tap = 0; tap < KERNEL * KERNEL; tap++) {
                int yIn = v * stride + tap / KERNEL - top;
                int xIn = u * stride + tap % KERNEL - top;
                if (yIn >= 0 && yIn < height && xIn >= 0 && xIn < width) {
                    int i = ((n * height + yIn) * width + xIn) * channels + c;
                    int j = c * KERNEL * KERNEL + tap;
                    output[o].add((double) x[i] * w[j]);
                    toInput[i].add((double) g[o] * w[j]);
                    toWeights[j].add((double) g[o] * x[i]);
                }
            }
        }
        Tensor input = map(x, height, width, channels);
        Tensor weights = place(w, channels, 1, KERNEL, KERNEL);
        Tensor convolved = map(new float[g.length], rows, columns, channels);
        Tensor inputGradient = map(new float[x.length], height, width, channels);
        Tensor weightGradient = zeros(channels, 1, KERNEL, KERNEL);
        DepthwiseConvolution convolution = new DepthwiseConvolution(stride, top, top);
        convolution.forward(input, weights, convolved);
        convolution.backward(input, weights, map(g, rows, columns, channels), inputGradient, weightGradient);
        assertNear(output, convolved.permute(0, 2, 3, 1), "output");
        assertNear(toInput, inputGradient.permute(0, 2, 3, 1), "inputGradient");
        assertNear(toWeights, weightGradient, "weightGradient");
    }

    private Tensor map(float[] values, int height, int width, int channels) {
        return place(values, PICTURES, height, width, channels).permute(0, 3, 1, 2);
    }

    @Test
    void refusesOtherLayoutsAndShapes() {
        DepthwiseConvolution convolution = new DepthwiseConvolution(1, 1, 1);
        Tensor output = torch.zeros(1, 4, 5, 5).contiguous(torch.MemoryFormat.ChannelsLast);
        Tensor planar = torch.zeros(1, 4, 5, 5);
        Tensor weights = torch.zeros(4, 1, 3, 3);
        assertRefused("input: ", () -> convolution.forward(planar, weights, output));
        assertRefused("output: ", () -> convolution.forward(output, weights, planar));
        assertRefused("weights: ", () -> convolution.forward(output, torch.zeros(3, 1, 3, 3), output));
        assertRefused("top is 3", () -> new DepthwiseConvolution(1, 3, 1).forward(output, weights, output));
    }

    private static void assertRefused(String start, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertEquals(start, message.substring(0, Math.min(start.length(), message.length())), message);
    }
}
