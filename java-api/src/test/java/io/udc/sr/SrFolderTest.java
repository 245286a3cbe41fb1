package io.udc.sr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SrFolderTest {

    @TempDir
    Path root;

    private Path write(String path, Picture picture) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        PictureFile.write(picture, file);
        return file;
    }

    private List<SrPair> list(int scale) {
        return SrFolder.list(root, SrFolder.Part.TRAIN, scale);
    }

    private String openError(int scale, int patch) {
        return assertThrows(InputException.class, () -> SrDataset.openLuma(list(scale), scale, patch, false))
                .getMessage();
    }

    @Test
    void div2kLayoutPairsOriginalsWithTheirReductions() throws IOException {
        Path high = write("DIV2K_train_HR/0001.png", SrData.random(3, 24, 30, 1));
        Path low = write("DIV2K_train_LR_bicubic/X2/0001x2.png", SrData.random(3, 12, 15, 2));
        write("DIV2K_valid_HR/0801.png", SrData.random(3, 24, 30, 3));
        assertEquals(List.of(new SrPair(high, Optional.of(low))), list(2));
        assertEquals(Optional.empty(), list(3).get(0).low());
        assertEquals("0801", SrFolder.list(root, SrFolder.Part.VALID, 2).get(0).name());
        SrDataset data = SrDataset.openLuma(list(2), 2, 4, false);
        assertArrayEquals(
                YCbCr.luma(PictureFile.read(low)).planes(), data.pictures().get(0).low().planes());
        assertEquals(24 * 30, data.highPixels());
        Files.delete(low);
        assertTrue(assertThrows(InputException.class, () -> list(2)).getMessage()
                .startsWith(low + ": not found"));
    }

    @Test
    void missingPartOfDiv2kIsNamed() throws IOException {
        write("DIV2K_valid_HR/0801.png", SrData.random(3, 24, 30, 3));
        String message = assertThrows(InputException.class, () -> list(2)).getMessage();
        assertTrue(message.startsWith(root.resolve("DIV2K_train_HR") + ": no such folder"), message);
    }

    @Test
    void anyFolderOfPicturesIsReducedHere() throws IOException {
        Picture grey = SrData.random(1, 25, 31, 1);
        write("a.png", grey);
        write("b.bmp", SrData.random(3, 20, 20, 2));
        SrDataset data = SrDataset.openLuma(list(3), 3, 4, false);
        assertEquals(2, data.pictures().size());
        assertEquals(24, data.pictures().get(0).high().height());
        assertArrayEquals(BicubicResize.downscale(grey, 3).planes(), data.pictures().get(0).low().planes());
    }

    @Test
    void brokenPicturesAreNamedWithTheReasonOrSkipped() throws IOException {
        write("HR/good.png", SrData.random(3, 24, 24, 1));
        Path small = write("HR/small.png", SrData.random(3, 9, 24, 2));
        assertTrue(
                openError(2, 8).startsWith(small + ": found a reduction of 12x4, expected at least 8x8"));
        Files.writeString(small, "text");
        assertEquals(small + ": is neither PNG, JPEG nor BMP", openError(2, 8));
        SrDataset data = SrDataset.openLuma(list(2), 2, 8, true);
        assertEquals(1, data.pictures().size());
        assertEquals(1, data.skipped());
        Files.delete(root.resolve("HR/good.png"));
        assertTrue(assertThrows(InputException.class, () -> SrDataset.openLuma(list(2), 2, 8, true))
                .getMessage()
                .startsWith("all 1 pictures are broken; the first: " + small));
    }

    @Test
    void reductionOfAnotherExtentIsNamed() throws IOException {
        Path high = write("HR/a.png", SrData.random(3, 25, 24, 1));
        Path low = write("LR_bicubic/X2/a.png", SrData.random(3, 12, 13, 2));
        assertEquals(low + ": found 13x12, expected 12x12, which is 1/2 of " + high, openError(2, 4));
    }

    @Test
    void missingAndEmptyFoldersAreNamed() {
        assertThrows(InputException.class, () -> SrFolder.list(root.resolve("none"), SrFolder.Part.TRAIN, 2));
        assertThrows(InputException.class, () -> list(2));
    }

    @Test
    void publishedFragmentsOfDiv2kDecode() {
        Path fragments = SrData.reference("DIV2K_fragments");
        for (int scale : new int[] {2, 3}) {
            Path file = fragments.resolve("DIV2K_train_LR_bicubic/X" + scale + "/0001x" + scale + ".png");
            assertEquals(2040 / scale, PictureFile.read(file).width());
        }
    }

    @Test
    void folderIsDownscaledAsDiv2kNamesIt() throws IOException {
        Picture a = SrData.random(3, 25, 31, 1);
        write("in/a.png", a);
        write("in/b.jpg", SrData.random(1, 16, 16, 2));
        Path out = root.resolve("out/X3");
        FolderDownscale.Result result = FolderDownscale.run(root.resolve("in"), out, 3, false);
        assertEquals(2, result.pictures());
        assertEquals(25 * 31 + 256, result.highPixels());
        assertArrayEquals(
                BicubicResize.downscale(a, 3).planes(), PictureFile.read(out.resolve("ax3.png")).planes());
        assertEquals(2, PictureFile.list(out).size());
        FolderDownscale.run(root.resolve("in/a.png"), root.resolve("one"), 2, false);
        assertTrue(Files.exists(root.resolve("one/ax2.png")));
    }

    @Test
    void downscalingStopsAtOrSkipsABrokenPicture() throws IOException {
        write("in/a.png", SrData.random(3, 12, 12, 1));
        Path tiny = write("in/tiny.png", SrData.random(3, 1, 9, 1));
        Path in = root.resolve("in");
        Path out = root.resolve("out");
        String message =
                assertThrows(InputException.class, () -> FolderDownscale.run(in, out, 2, false)).getMessage();
        assertTrue(message.startsWith(tiny + ": found 9x1, expected at least 2 pixels a side"), message);
        FolderDownscale.Result result = FolderDownscale.run(in, out, 2, true);
        assertEquals(List.of(1, 1), List.of(result.pictures(), result.skipped()));
        assertFalse(Files.exists(out.resolve("tinyx2.png")));
        write("in/a.bmp", SrData.random(3, 12, 12, 1));
        message =
                assertThrows(InputException.class, () -> FolderDownscale.run(in, out, 2, true)).getMessage();
        assertTrue(message.contains("would both be written to"), message);
        assertThrows(InputException.class, () -> FolderDownscale.run(in, out, 1, true));
    }

    @Test
    void aFolderOfBrokenPicturesAloneIsAnErrorAndLeavesNothing() throws IOException {
        Path tiny = write("in/tiny.png", SrData.random(3, 1, 9, 1));
        Path out = root.resolve("out");
        for (boolean skipBad : new boolean[] {true, false}) {
            String message = assertThrows(
                    InputException.class, () -> FolderDownscale.run(root.resolve("in"), out, 2, skipBad)).getMessage();
            assertTrue(message.contains(tiny + ": found 9x1, expected"), message);
            assertEquals(skipBad, message.startsWith("all 1 pictures are broken; the first: "), message);
            assertFalse(Files.exists(out));
        }
    }

    @Test
    void aFileWhereTheFolderIsToBeIsNamed() throws IOException {
        write("in/a.png", SrData.random(3, 12, 12, 1));
        Path file = Files.createFile(root.resolve("afile"));
        assertEquals(file + ": found a file, expected a folder", assertThrows(InputException.class,
                () -> FolderDownscale.run(root.resolve("in"), file, 2, false)).getMessage());
    }
}
