package io.engagementwebhooks.operate;

import io.engagementwebhooks.ledger.BundledFile;

/** The product's version, set by the build. */
public final class Version {

    /** Such as {@code 0.1.0}. */
    public static final String TEXT =
            BundledFile.properties("/io/engagementwebhooks/build.properties").getProperty("version");

    private Version() {}
}
