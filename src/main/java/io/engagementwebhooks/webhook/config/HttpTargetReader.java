package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.Authentication;
import io.engagementwebhooks.webhook.Body;
import io.engagementwebhooks.webhook.Shown;
import io.engagementwebhooks.webhook.Signing;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Template;
import io.engagementwebhooks.webhook.Tls;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Reads the target of a webhook that sends HTTP: URL, method, body, headers. */
final class HttpTargetReader {

    private static final String DEFAULT_METHOD = "POST";

    private static final Map<String, Body.Format> FORMATS = Map.of("json", Body.Format.JSON, "form", Body.Format.FORM);
    private static final Map<String, String> METHODS = Map.of("POST", "POST", "PUT", "PUT", "PATCH", "PATCH");

    private HttpTargetReader() {}

    static Optional<Target> read(Mapping delivery, Authentication authentication, SigningReader signings) {
        Optional<URI> url = delivery.need("url", "where to deliver, such as https://crm.example.com/hooks")
                .flatMap(text -> delivery.url("url", text));
        return request(delivery, authentication, url.map(HttpTargetReader::canonical), signings::read)
                .map(Target.class::cast);
    }

    /** The webhook's own request to the path that {@code party} names: body, method and headers are the delivery's. */
    static Optional<Target> ownRequest(Mapping delivery, Mapping party, SigningReader signings) {
        String what = "a path of the third party, such as /services/apexrest/calls";
        Optional<URI> path = party.need("path", what).flatMap(text -> path(party, text, what));
        return request(delivery, new Authentication.None(), path, signings::readForPath)
                .map(Target.OwnRequest::new);
    }

    private static Optional<URI> path(Mapping party, String text, String what) {
        if (text.indexOf('{') >= 0) {
            party.fault("path", "'path' holds a macro, which is not replaced there", "put it into the body");
            return Optional.empty();
        }
        try {
            URI path = URI.create(new URI(text.strip()).toASCIIString());
            boolean onlyPath = !path.isAbsolute() && path.getRawAuthority() == null && path.getRawFragment() == null;
            if (onlyPath
                    && path.getRawPath().startsWith("/")
                    && path.normalize().equals(path)) {
                return Optional.of(path);
            }
        } catch (URISyntaxException e) {
            // told below
        }
        party.fault("path", "'path' is no path", what + "; the connection gives the host");
        return Optional.empty();
    }

    private static Optional<Target.Http> request(
            Mapping delivery,
            Authentication authentication,
            Optional<URI> url,
            BiFunction<Mapping, Set<String>, Signing> signings) {
        int before = delivery.reading().faults().count();
        String method = delivery.has("method")
                ? delivery.choice("method", METHODS, Map.of()).orElse("")
                : DEFAULT_METHOD;
        Optional<Body> body = body(delivery);
        Map<String, Template> headers = headers(delivery);
        ApiKeyReader.checkOwnHeaders(delivery, authentication, headers.keySet());
        Signing signing = signings.apply(delivery, headers.keySet());
        ApiKeyReader.checkSigned(delivery, authentication, signing);
        Optional<Tls> tls = TlsReader.read(delivery, "tls");
        refuseOverPlainHttp(delivery, url);
        return url.isEmpty() || delivery.reading().faults().count() > before
                ? Optional.empty()
                : Optional.of(
                        new Target.Http(url.get(), method, body.orElseThrow(), headers, signing, tls.orElseThrow()));
    }

    private static void refuseOverPlainHttp(Mapping delivery, Optional<URI> url) {
        if (delivery.has("tls")
                && url.isPresent()
                && "http".equalsIgnoreCase(url.get().getScheme())) {
            delivery.fault("tls", "'tls' does not go with a URL of plain http", "use https, or remove 'tls'");
        }
    }

    /**
     * The same URL as receivers and their libraries write it when they put it together again to verify a signature: scheme
     * and host in lower case, without the scheme's own port, with a path.
     */
    private static URI canonical(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        boolean ownPort = url.getPort() < 0 || url.getPort() == (scheme.equals("https") ? 443 : 80);
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
        String host = url.getHost().toLowerCase(Locale.ROOT);
        return URI.create(scheme + "://" + host + (ownPort ? "" : ":" + url.getPort()) + path + query);
    }

    private static Optional<Body> body(Mapping delivery) {
        Optional<Body.Format> format = delivery.choice("format", FORMATS, Map.of());
        List<String> given =
                List.of("body", "bodyJq", "form").stream().filter(delivery::has).toList();
        if (given.size() > 1) {
            delivery.fault(given.get(1), String.join(", ", given) + " stand beside each other", "give one of them");
            return Optional.empty();
        }
        if (given.isEmpty()) {
            return wholeEvent(delivery, format);
        }
        return switch (given.get(0)) {
            case "body" -> templated(delivery, format.orElse(Body.Format.JSON));
            case "bodyJq" -> program(delivery, format.orElse(Body.Format.JSON));
            default -> form(delivery, format);
        };
    }

    private static Optional<Body> wholeEvent(Mapping delivery, Optional<Body.Format> format) {
        if (format.filter(Body.Format.FORM::equals).isPresent()) {
            delivery.fault("format", "format 'form' lacks its fields", "give 'form', or 'body' or 'bodyJq'");
            return Optional.empty();
        }
        return Optional.of(new Body.WholeEvent());
    }

    private static Optional<Body> templated(Mapping delivery, Body.Format format) {
        return delivery.literal("body").flatMap(text -> {
            try {
                Compiled compiled = delivery.reading().compiled();
                Template template = format == Body.Format.JSON ? compiled.json(text) : compiled.form(text);
                return Optional.of(new Body.Templated(template, format));
            } catch (IllegalArgumentException e) {
                return refused(delivery, "body", e, "a text with {macros}, such as '{\"call\": \"{cdr_id}\"}'");
            }
        });
    }

    private static Optional<Body> program(Mapping delivery, Body.Format format) {
        return delivery.literal("bodyJq").flatMap(text -> {
            try {
                return Optional.of(
                        new Body.Program(delivery.reading().compiled().jq(text), format));
            } catch (IllegalArgumentException e) {
                return refused(delivery, "bodyJq", e, "a jq program, such as {call: .data.cdr_id}");
            }
        });
    }

    private static Optional<Body> form(Mapping delivery, Optional<Body.Format> format) {
        if (format.filter(Body.Format.JSON::equals).isPresent()) {
            delivery.fault("form", "'form' does not go with format 'json'", "remove 'format', or use 'body'");
        }
        Map<String, Template> fields = new LinkedHashMap<>();
        Optional<Mapping> form = delivery.names("form");
        form.ifPresent(entries -> {
            for (String name : entries.keys()) {
                entries.literal(name).ifPresent(text -> addTemplate(entries, name, text, fields));
            }
        });
        return form.map(entries -> new Body.Form(fields));
    }

    private static void addTemplate(Mapping form, String name, String text, Map<String, Template> fields) {
        try {
            fields.put(name, form.reading().compiled().text(text));
        } catch (IllegalArgumentException e) {
            refused(form, name, e, "a text with {macros}");
        }
    }

    private static Map<String, Template> headers(Mapping delivery) {
        Map<String, Template> headers = new LinkedHashMap<>();
        delivery.names("headers").ifPresent(entries -> {
            Set<String> seen = new HashSet<>();
            for (String name : entries.keys()) {
                Optional<String> text = entries.literal(name);
                Optional<String[]> refusal = HeaderNames.refusalOf(name, seen);
                refusal.ifPresent(why -> entries.fault(name, "header '" + Shown.of(name) + "' " + why[0], why[1]));
                if (text.isPresent() && refusal.isEmpty()) {
                    addHeader(entries, name, text.get(), headers);
                }
            }
        });
        return headers;
    }

    private static void addHeader(Mapping entries, String name, String text, Map<String, Template> headers) {
        try {
            headers.put(name, entries.reading().compiled().header(name, text));
        } catch (IllegalArgumentException e) {
            refused(entries, name, e, "a text with {macros}, without control characters");
        }
    }

    private static Optional<Body> refused(Mapping mapping, String key, IllegalArgumentException e, String wayOut) {
        mapping.fault(key, "'" + key + "': " + e.getMessage(), wayOut);
        return Optional.empty();
    }
}
