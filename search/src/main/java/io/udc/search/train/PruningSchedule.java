package io.udc.search.train;

/** How many weights are pruned while a stage goes on. */
final class PruningSchedule {

    private PruningSchedule() {}

    /**
     * The sparsity after a share of the way: final * (1 - (1 - progress)^3), the cubic schedule of Zhu and Gupta
     * (arXiv 1710.01878).
     *
     * @param progress 0 or less before the way begins, 1 or more at its end
     */
    static double cubic(double finalSparsity, double progress) {
        double rest = 1 - Math.min(Math.max(progress, 0), 1);
        return finalSparsity * (1 - rest * rest * rest);
    }
}
