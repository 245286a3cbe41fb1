package io.udc.search.report;

import io.udc.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Small pieces of HTML. */
final class Html {

    private Html() {}

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /** Formats independently of the machine's language. */
    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /**
     * A whole page that loads nothing from elsewhere.
     *
     * @param body its content as HTML; everything else is plain text
     */
    static String page(String title, String headline, String subtitle, String body) {
        return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + format("<title>%s</title>\n<style>\n", escape(title)) + style()
                + "</style>\n</head>\n<body>\n<main>\n"
                + format("<header><h1>%s</h1><p>%s</p></header>\n", escape(headline), escape(subtitle))
                + body + "</main>\n</body>\n</html>\n";
    }

    /** The values of a run, folded away. */
    static String configuration(Object config) {
        return "<section><details><summary>Configuration</summary><pre>" + escape(Json.text(config))
                + "</pre></details></section>\n";
    }

    /** The style sheet of pages and charts. */
    static String style() {
        try (InputStream in = Html.class.getResourceAsStream("report.css")) {
            if (in == null) {
                throw new IllegalStateException("the resource report.css is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the resource report.css cannot be read", e);
        }
    }
}
