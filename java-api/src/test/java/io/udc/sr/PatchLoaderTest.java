package io.udc.sr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Shape;
import io.udc.data.Batch;
import io.udc.image.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class PatchLoaderTest {

    private static final int SCALE = 3;
    private static final int PATCH = 5;

    /** Reductions that count pixels; originals in which each pixel of the reduction is a block. */
    private static SrDataset blocks(int... sides) {
        List<SrPicture> pictures = new ArrayList<>();
        for (int side : sides) {
            byte[] low = new byte[side * side];
            byte[] high = new byte[low.length * SCALE * SCALE];
            for (int i = 0; i < low.length; i++) {
                low[i] = (byte) (i * 37 + side);
            }
            for (int i = 0; i < high.length; i++) {
                int y = i / (side * SCALE) / SCALE;
                high[i] = low[y * side + i % (side * SCALE) / SCALE];
            }
            pictures.add(new SrPicture(
                    "blocks" + side,
                    new Picture(new Shape(1, side * SCALE, side * SCALE), high),
                    new Picture(new Shape(1, side, side), low)));
        }
        return new SrDataset(SCALE, pictures, 0);
    }

    private static byte[] bytes(Tensor tensor) {
        byte[] values = new byte[(int) tensor.numel()];
        tensor.data_ptr().capacity(values.length).asByteBuffer().get(values);
        return values;
    }

    private static List<byte[]> lowPatches(int threads, int prefetch, long seed, int epoch) {
        List<byte[]> seen = new ArrayList<>();
        try (PatchLoader loader = new PatchLoader(blocks(5, 9, 12), PATCH, 6, 10, seed, threads, prefetch)) {
            for (Batch batch : loader.epoch(epoch)) {
                try (batch) {
                    seen.add(bytes(batch.images()));
                }
            }
            assertTrue(loader.waitShare() >= 0 && loader.waitShare() <= 1);
        }
        return seen;
    }

    @Test
    void patchesAreAlignedInEveryTurn() {
        int side = PATCH * SCALE;
        try (PatchLoader loader = new PatchLoader(blocks(7, 11), PATCH, 16, 8, 1, 2, 3)) {
            for (Batch batch : loader.epoch(0)) {
                try (batch) {
                    assertArrayEquals(new long[] {16, 1, PATCH, PATCH}, batch.images().shape());
                    assertArrayEquals(new long[] {16, 1, side, side}, batch.targets().shape());
                    byte[] low = bytes(batch.images());
                    byte[] high = bytes(batch.targets());
                    for (int i = 0; i < high.length; i++) {
                        int y = i % (side * side) / side / SCALE;
                        int x = i % side / SCALE;
                        assertEquals(low[i / (side * side) * PATCH * PATCH + y * PATCH + x], high[i]);
                    }
                }
            }
        }
    }

    @Test
    void sameSeedSamePatchesWhateverTheThreads() {
        List<byte[]> one = lowPatches(1, 1, 9, 2);
        List<byte[]> many = lowPatches(3, 5, 9, 2);
        for (int i = 0; i < one.size(); i++) {
            assertArrayEquals(one.get(i), many.get(i));
        }
        assertFalse(Arrays.equals(one.get(0), lowPatches(1, 1, 9, 3).get(0)));
        assertFalse(Arrays.equals(one.get(0), lowPatches(1, 1, 8, 2).get(0)));
    }

    @Test
    void theEightTurnsAreAllDifferentAndKeepThePixels() {
        Picture picture = SrData.random(1, 9, 10, 3);
        byte[] plain = new byte[16];
        PatchLoader.copyTurned(picture, 2, 3, 4, 0, plain);
        assertArrayEquals(picture.cut(2, 3, 4, 4).planes(), plain);
        TreeSet<String> seen = new TreeSet<>();
        for (int turn = 0; turn < 8; turn++) {
            byte[] turned = new byte[16];
            PatchLoader.copyTurned(picture, 2, 3, 4, turn, turned);
            seen.add(Arrays.toString(turned));
            Arrays.sort(turned);
            byte[] sorted = plain.clone();
            Arrays.sort(sorted);
            assertArrayEquals(sorted, turned);
        }
        assertEquals(8, seen.size());
    }

    @Test
    void tooLargePatchIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new PatchLoader(blocks(4, 8), PATCH, 1, 1, 1, 1, 1));
    }

    @Test
    void scoresCompareEveryPictureWithItsOriginal() {
        SrDataset data = blocks(12, 15);
        SrScores perfect = SrScores.of(data, low -> data.pictures().stream()
                .filter(p -> p.low() == low)
                .findFirst()
                .orElseThrow()
                .high());
        assertEquals(
                List.of("blocks12", "blocks15"), perfect.rows().stream().map(SrScores.Row::name).toList());
        assertEquals(1, perfect.mean().ssim(), 1e-12);
        SrScores bicubic = SrScores.of(data, low -> BicubicResize.upscale(low, SCALE));
        double psnr = (bicubic.rows().get(0).quality().psnr() + bicubic.rows().get(1).quality().psnr()) / 2;
        assertEquals(psnr, bicubic.mean().psnr(), 1e-9);
    }
}
