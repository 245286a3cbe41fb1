package io.udc.data;

/**
 * Choices about a data set that the task's name leaves open.
 *
 * @param imageSize side in pixels to which pictures of folders are brought, at least 8
 * @param skipBad whether a picture file that can't be decoded is skipped and counted instead of ending the
 *     run
 * @param shapesTrain number of drawn training pictures, at least 1
 * @param shapesTest number of drawn test pictures, at least 1
 * @param shapesSeed what the drawn pictures depend on; a part of the data set, not of a run
 */
public record DataOptions(int imageSize, boolean skipBad, int shapesTrain, int shapesTest, long shapesSeed) {

    public DataOptions {
        atLeast("imageSize", imageSize, 8);
        atLeast("shapesTrain", shapesTrain, 1);
        atLeast("shapesTest", shapesTest, 1);
    }

    /** 96 pixels, broken files are fatal, 10,000 and 2,000 drawn pictures. */
    public static DataOptions defaults() {
        return new DataOptions(96, false, 10_000, 2_000, 1);
    }

    public DataOptions withImageSize(int pixels) {
        return new DataOptions(pixels, skipBad, shapesTrain, shapesTest, shapesSeed);
    }

    public DataOptions withSkipBad(boolean skip) {
        return new DataOptions(imageSize, skip, shapesTrain, shapesTest, shapesSeed);
    }

    public DataOptions withShapes(int train, int test) {
        return new DataOptions(imageSize, skipBad, train, test, shapesSeed);
    }

    private static void atLeast(String field, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(field + ": found " + value + ", expected at least " + least);
        }
    }
}
