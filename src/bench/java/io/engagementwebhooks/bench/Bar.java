package io.engagementwebhooks.bench;

/** The target or limit of a figure. */
record Bar(boolean least, double limit) {

    static Bar atLeast(double limit) {
        return new Bar(true, limit);
    }

    static Bar atMost(double limit) {
        return new Bar(false, limit);
    }

    /** A ratio to nothing meets no bar. */
    boolean isMetBy(double value) {
        return Double.isFinite(value) && (least ? value >= limit : value <= limit);
    }

    String sign() {
        return least ? "≥" : "≤";
    }
}
