package io.engagementwebhooks.operate;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The product's version, set by the build. */
public final class Version {

    /** Such as {@code 0.1.0}. */
    public static final String TEXT = read();

    private Version() {}

    private static String read() {
        Properties build = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("/io/engagementwebhooks/build.properties")) {
            build.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("the jar is not complete: build.properties cannot be read", e);
        }
        return build.getProperty("version");
    }
}
