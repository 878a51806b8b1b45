#include "console/static_files.h"

#include <array>
#include <string>

#include "console/policies.h"
#include "console/reply.h"
#include "core/check.h"
#include "core/text.h"

namespace kavach::console {
namespace {

constexpr std::array<std::string_view, 4> kPublicPages{"/", "/setup", "/login", "/reset-password"};
constexpr std::array<std::string_view, 18> kSessionPages{
    "/dashboard", "/trade",    "/orderbook", "/tradebook",   "/positions", "/holdings", "/funds",
    "/apikeys",   "/account",  "/users",     "/security",    "/traffic",   "/latency",
    "/connections", "/audit",  "/logs",      "/backup",      "/settings"};

constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
constexpr std::string_view kRobots = "User-agent: *\nDisallow: /\n";

std::string_view content_type(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

bool accepts_gzip(const http::Request& request) {
  for (const std::string_view part : split(request.header("Accept-Encoding"), ',')) {
    const auto coding = trim(part.substr(0, part.find(';')));
    const bool refused = part.find("q=0") != std::string_view::npos && part.find("q=0.") == std::string_view::npos;
    if (!refused && (equals_ignoring_case(coding, "gzip") || coding == "*")) return true;
  }
  return false;
}

bool has_etag(const http::Request& request, std::string_view etag) {
  for (const std::string_view part : split(request.header("If-None-Match"), ',')) {
    std::string_view known = trim(part);
    if (known == "*") return true;
    if (known.starts_with("W/")) known.remove_prefix(2);
    if (known == etag) return true;
  }
  return false;
}

http::Response file_reply(const http::Request& request, const EmbeddedFile& file, std::string_view cache) {
  // A compressed body is another representation: it has an ETag of its own.
  const bool packed = accepts_gzip(request);
  const std::string etag = '"' + std::string{file.digest} + (packed ? "-gz\"" : "\"");
  http::Response response;
  response.content_type = content_type(file.name);
  response.with("ETag", etag).with("Cache-Control", std::string{cache}).with("Vary", "Accept-Encoding");
  if (has_etag(request, etag)) {
    response.status = 304;
    return response;
  }
  if (packed) response.with("Content-Encoding", "gzip");
  response.body = packed ? file.gzip : file.content;
  return response;
}

http::Response to_login(std::string_view page) {
  http::Response response = http::Response::text(302, "Sign in first.");
  // The page is one of ours, so it needs no escaping but its slash.
  response.with("Location", "/login?next=%2F" + std::string{page.substr(1)});
  return response.with("Cache-Control", "no-store");
}

// Public because the file itself says nothing: every figure on a page comes from a session route.
guard::Route row(std::string path, guard::Handle handle) {
  return {.method = http::Method::Get,
          .path = std::move(path),
          .policy = reading_policy(guard::Access::Public, guard::RateClass::Default),
          .handle = std::move(handle)};
}

guard::Route file_row(std::string path, const EmbeddedFile& file, std::string_view cache) {
  return row(std::move(path),
             [&file, cache](guard::Call& call) { return ready(file_reply(call.request, file, cache)); });
}

guard::Route session_page_row(std::string_view page, const EmbeddedFile& html) {
  return row(std::string{page}, [page, &html](guard::Call& call) {
    if (call.principal.is_anonymous()) return ready(to_login(page));
    return ready(file_reply(call.request, html, "no-store"));
  });
}

}  // namespace

std::span<const std::string_view> session_pages() { return kSessionPages; }
std::span<const std::string_view> public_pages() { return kPublicPages; }

guard::Routes static_routes(std::span<const EmbeddedFile> files) {
  guard::Routes routes;
  const EmbeddedFile* html = nullptr;
  for (const EmbeddedFile& file : files) {
    if (file.name == "index.html") {
      html = &file;
      continue;
    }
    routes.push_back(file_row("/assets/" + std::string{file.name}, file, kForEver));
    // Browsers ask for it by this name where no page names another.
    if (file.name.ends_with(".svg")) routes.push_back(file_row("/favicon.ico", file, "public, max-age=86400"));
  }
  check(html != nullptr, "the console was built without its page");
  for (const std::string_view page : kPublicPages) routes.push_back(file_row(std::string{page}, *html, "no-store"));
  for (const std::string_view page : kSessionPages) routes.push_back(session_page_row(page, *html));
  routes.push_back(row("/robots.txt", [](guard::Call&) {
    return ready(http::Response::text(200, std::string{kRobots}).with("Cache-Control", "public, max-age=86400"));
  }));
  return routes;
}

}  // namespace kavach::console
