package io.udc.device;

import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/** GPUs multiply in float32 while one is open, and not in TF32, as convolutions do otherwise. For comparisons. */
public final class FullFloat32 implements AutoCloseable {

    private final boolean convolutions = context().allowTF32CuDNN();
    private final boolean products = context().allowTF32CuBLAS();

    private FullFloat32() {
        set(false, false);
    }

    public static FullFloat32 open() {
        return new FullFloat32();
    }

    private static Context context() {
        return torch.globalContext();
    }

    private static void set(boolean convolutions, boolean products) {
        context().setAllowTF32CuDNN(convolutions);
        context().setAllowTF32CuBLAS(products);
    }

    @Override
    public void close() {
        set(convolutions, products);
    }
}
