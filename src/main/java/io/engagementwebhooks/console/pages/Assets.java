package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.event.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What pages refer to: a style sheet, a font, scripts and an icon, compressed once, each by a name that holds a hash of its
 * bytes, so that browsers may keep it for ever. Thread-safe.
 */
final class Assets {

    private static final String PATH = PageRoutes.HOME + "/assets/";
    private static final String FOR_EVER = "public, max-age=31536000, immutable";
    private static final String OURS = "/io/engagementwebhooks/console/";
    private static final String HTMX = "/META-INF/resources/webjars/htmx.org/2.0.4/dist/htmx.min.js";

    private final Map<String, String> paths = new HashMap<>();
    private final Map<String, Asset> byName = new HashMap<>();

    /** @param zipped null: it does not get smaller */
    private record Asset(String type, byte[] bytes, byte[] zipped) {}

    Assets() {
        add("inter.woff2", "font/woff2", OURS + "font/inter.woff2");
        add(
                "console.css",
                "text/css; charset=utf-8",
                OURS + "console.css",
                OURS + "builder.css",
                OURS + "deliveries.css",
                OURS + "settings.css",
                OURS + "webhooks.css");
        add("console.js", "text/javascript; charset=utf-8", OURS + "console.js", OURS + "deliveries.js");
        add("link.js", "text/javascript; charset=utf-8", OURS + "link.js");
        add("icon.svg", "image/svg+xml", OURS + "icon.svg");
        add("htmx.js", "text/javascript; charset=utf-8", HTMX);
    }

    /** @param resources the parts of the asset, in their order */
    private void add(String name, String type, String... resources) {
        ByteArrayOutputStream parts = new ByteArrayOutputStream();
        for (String resource : resources) {
            parts.writeBytes(read(resource));
        }
        byte[] bytes = type.startsWith("text/css") ? withPaths(parts) : parts.toByteArray();
        int dot = name.lastIndexOf('.');
        String hashed = name.substring(0, dot) + "-" + hash(bytes) + name.substring(dot);
        paths.put(name, PATH + hashed);
        byte[] zipped = Gzip.of(bytes);
        byName.put(hashed, new Asset(type, bytes, zipped.length < bytes.length ? zipped : null));
    }

    /** A style sheet refers to assets by their names. */
    private byte[] withPaths(ByteArrayOutputStream style) {
        String text = style.toString(StandardCharsets.UTF_8);
        for (Map.Entry<String, String> asset : paths.entrySet()) {
            text = text.replace("url(\"" + asset.getKey() + "\")", "url(\"" + asset.getValue() + "\")");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Where the browser finds it. */
    String path(String name) {
        return paths.get(name);
    }

    /** The answer to a request for one; empty: there is none of that name. */
    Optional<PageAnswer> answer(PageRequest request, String hashed) {
        return Optional.ofNullable(byName.get(hashed)).map(asset -> {
            boolean zip = asset.zipped != null && request.takesGzip();
            PageAnswer answer = new PageAnswer(
                            200, Map.of("Content-Type", asset.type), zip ? asset.zipped : asset.bytes)
                    .with("Cache-Control", FOR_EVER)
                    .with("Vary", "Accept-Encoding");
            return zip ? answer.with("Content-Encoding", "gzip") : answer;
        });
    }

    private static byte[] read(String resource) {
        try (InputStream in = Assets.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar is not complete: it lacks " + resource);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the jar is not complete: " + resource + " cannot be read", e);
        }
    }

    private static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(Sha256.of(bytes), 0, 6);
    }
}
