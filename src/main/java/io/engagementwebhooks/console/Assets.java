package io.engagementwebhooks.console;

import io.engagementwebhooks.deliver.kamelet.KameletDefinition;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.BundledFile;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files that pages refer to: style sheet, font, scripts and icon, compressed once. Each has a hash in its name, so that
 * browsers cache it permanently. Thread-safe.
 */
final class Assets {

    private static final String PATH = PageRoutes.HOME + "/assets/";
    private static final String FOR_EVER = "public, max-age=31536000, immutable";
    private static final String OURS = "/io/engagementwebhooks/console/";
    private static final String HTMX = "/META-INF/resources/webjars/htmx.org/2.0.4/dist/htmx.min.js";

    private static final String OUR_LOGO = "icon.svg";
    private static final String SCRIPT_TYPE = "text/javascript; charset=utf-8";
    private static final String SVG = "image/svg+xml";
    private static final String ICON = ".icon";

    /** Parts of the style sheet, in order. */
    private static final String[] STYLE = {
        "console.css", "builder.css", "deliveries.css", "settings.css", "webhooks.css", "events.css"
    };

    private static final String[] SCRIPT = {"console.js", "deliveries.js", "builder.js"};

    /** A picture opened by its address runs no script. */
    private static final String INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

    private static final Pattern DATA = Pattern.compile("data:(image/(?:svg\\+xml|png));base64,([A-Za-z0-9+/=]+)");

    private final Map<String, String> paths = new HashMap<>();
    private final String logo;
    private final Map<String, Asset> byName = new HashMap<>();

    /** @param zipped null: compression does not make it smaller */
    private record Asset(String type, byte[] bytes, byte[] zipped) {}

    Assets(Branding branding, Kamelets kamelets) {
        add("inter.woff2", "font/woff2", BundledFile.bytes(OURS + "font/inter.woff2"));
        String color = branding.color()
                .map(own -> BundledFile.text(OURS + "accent.css").replace("{accent}", own))
                .orElse("");
        add("console.css", "text/css; charset=utf-8", withPaths(joined(STYLE) + color));
        add("console.js", SCRIPT_TYPE, bytes(joined(SCRIPT)));
        add("link.js", SCRIPT_TYPE, BundledFile.bytes(OURS + "link.js"));
        add("htmx.js", SCRIPT_TYPE, BundledFile.bytes(HTMX));
        if (branding.logo().isPresent()) {
            Logo own = branding.logo().get();
            add(own.name(), own.type(), own.bytes());
            logo = own.name();
        } else {
            add(OUR_LOGO, SVG, BundledFile.bytes(OURS + OUR_LOGO));
            logo = OUR_LOGO;
        }
        kamelets.byName().values().forEach(each -> addIcon(each.definition()));
    }

    /** Pages may not use data URIs. */
    private void addIcon(KameletDefinition kamelet) {
        Matcher icon = DATA.matcher(kamelet.icon());
        try {
            if (icon.matches()) {
                add(kamelet.name() + ICON, icon.group(1), Base64.getDecoder().decode(icon.group(2)));
            }
        } catch (IllegalArgumentException e) {
            // damaged: it has none
        }
    }

    /** The URL of the icon of a Kamelet, or null. */
    String icon(String kamelet) {
        return paths.get(kamelet + ICON);
    }

    private void add(String name, String type, byte[] bytes) {
        int dot = name.lastIndexOf('.');
        String hashed = name.substring(0, dot) + "-" + hash(bytes) + name.substring(dot);
        paths.put(name, PATH + hashed);
        byte[] zipped = Gzip.of(bytes);
        byName.put(hashed, new Asset(type, bytes, zipped.length < bytes.length ? zipped : null));
    }

    /** Replaces names of assets in a style sheet by their paths. */
    private byte[] withPaths(String style) {
        String text = style;
        for (Map.Entry<String, String> asset : paths.entrySet()) {
            text = text.replace("url(\"" + asset.getKey() + "\")", "url(\"" + asset.getValue() + "\")");
        }
        return bytes(text);
    }

    private static String joined(String... parts) {
        return Stream.of(parts).map(part -> BundledFile.text(OURS + part)).collect(Collectors.joining());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The URL of the logo. */
    String logo() {
        return path(logo);
    }

    /** The URL of an asset. */
    String path(String name) {
        return paths.get(name);
    }

    /** The response with an asset; empty: no asset has this name. */
    Optional<PageAnswer> answer(PageRequest request, String hashed) {
        return Optional.ofNullable(byName.get(hashed)).map(asset -> {
            boolean zip = asset.zipped != null && request.takesGzip();
            PageAnswer answer = new PageAnswer(
                            200, Map.of("Content-Type", asset.type), zip ? asset.zipped : asset.bytes)
                    .with("Cache-Control", FOR_EVER)
                    .with("Vary", "Accept-Encoding");
            if (asset.type.equals(SVG)) {
                answer = answer.with("Content-Security-Policy", INERT);
            }
            return zip ? answer.with("Content-Encoding", "gzip") : answer;
        });
    }

    private static String hash(byte[] bytes) {
        return HexFormat.of().formatHex(Sha256.of(bytes), 0, 6);
    }
}
