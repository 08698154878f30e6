package io.engagementwebhooks.bench;

/** The target or limit of a figure. */
record Bar(boolean least, double limit) {

    static Bar atLeast(double limit) {
        return new Bar(true, limit);
    }

    static Bar atMost(double limit) {
        return new Bar(false, limit);
    }

    boolean isMetBy(double value) {
        return least ? value >= limit : value <= limit;
    }

    String sign() {
        return least ? "≥" : "≤";
    }
}
