#include "console/static_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace kavach::console {
namespace {

class StaticFiles : public testing::Test {
 protected:
  http::Response get(std::string_view path, std::vector<http::Header> headers = {}, bool signed_in = false) {
    const auto row = std::ranges::find_if(routes_, [&](const guard::Route& route) { return route.path == path; });
    if (row == routes_.end()) return http::Response::text(404, "");
    guard::Call call;
    call.request.path = path;
    call.request.headers = std::move(headers);
    if (signed_in) call.principal.credential = identity::Credential::Session;
    Task<http::Response> task = row->handle(call);
    task.start([] {});
    return task.take();
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const http::Header& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }
  static const EmbeddedFile& file(std::string_view suffix) {
    const auto files = embedded_files();
    return *std::ranges::find_if(files, [&](const EmbeddedFile& file) { return file.name.ends_with(suffix); });
  }
  std::string asset(std::string_view suffix) const { return "/assets/" + std::string{file(suffix).name}; }

  guard::Routes routes_ = static_routes();
};

TEST_F(StaticFiles, ThePageIsNeverCachedAndItsAssetsForEver) {
  const auto page = get("/login");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header(page, "Cache-Control"), "no-store");
  const auto script = get(asset(".js"));
  EXPECT_EQ(script.content_type, "text/javascript; charset=utf-8");
  EXPECT_NE(header(script, "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(script.body, file(".js").content);
  EXPECT_EQ(get(asset(".css")).content_type, "text/css; charset=utf-8");
  EXPECT_EQ(get("/favicon.ico").content_type, "image/svg+xml");
}

TEST_F(StaticFiles, SendsTheGzipTwinToThoseWhoTakeIt) {
  const auto packed = get(asset(".js"), {{"Accept-Encoding", "br, gzip;q=0.8"}});
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(packed, "Vary"), "Accept-Encoding");
  EXPECT_LT(packed.body.size(), file(".js").content.size());
  EXPECT_EQ(packed.body.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(header(get(asset(".js"), {{"Accept-Encoding", "gzip;q=0"}}), "Content-Encoding"), "");
}

TEST_F(StaticFiles, AnswersAKnownETagWithoutABody) {
  const std::string etag = header(get(asset(".css")), "ETag");
  const auto again = get(asset(".css"), {{"If-None-Match", "\"x\", " + etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  // The compressed twin is another representation.
  EXPECT_EQ(get(asset(".css"), {{"If-None-Match", etag}, {"Accept-Encoding", "gzip"}}).status, 200);
}

TEST_F(StaticFiles, PagesOfASessionSendTheSignedOutToTheLogin) {
  for (const std::string_view page : session_pages()) {
    const auto response = get(page);
    EXPECT_EQ(response.status, 302) << page;
    EXPECT_EQ(header(response, "Location"), "/login?next=%2F" + std::string{page.substr(1)});
    EXPECT_EQ(get(page, {}, true).status, 200) << page;
  }
  for (const std::string_view page : public_pages()) EXPECT_EQ(get(page).status, 200) << page;
}

// A guess is a 404 and counts as one: no catch-all answers in the page's name.
TEST_F(StaticFiles, ServesNothingElse) {
  for (const std::string_view path : {"/index.html", "/assets/", "/assets/app.js", "/assets/../kavach.db", "/wp-login.php",
                                      "/.env", "/admin", "/login/x", "/assets/index.html"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

// The strict CSP would block it, so it would be a broken page and not a leak; better known here.
TEST_F(StaticFiles, R23ThePageHasNothingInlineAndNothingFromElsewhere) {
  const std::string_view html = file(".html").content;
  for (const std::string_view bad : {"<style", "style=", "onclick", "onload", "javascript:", "http://", "https://"}) {
    EXPECT_EQ(html.find(bad), std::string_view::npos) << bad;
  }
  EXPECT_EQ(html.find("<script>"), std::string_view::npos);
  const std::string_view script = file(".js").content;
  EXPECT_EQ(script.find("eval("), std::string_view::npos);
  EXPECT_EQ(script.find("new Function"), std::string_view::npos);
}

TEST_F(StaticFiles, IsSmall) {
  std::size_t bytes = 0;
  for (const EmbeddedFile& file : embedded_files()) bytes += file.gzip.size();
  EXPECT_LT(bytes, 80'000U) << "the console's first load grew: is something in it that need not be?";
}

// The manual's list of pages is the list of rows.
TEST_F(StaticFiles, TheManualNamesEveryPage) {
  std::ostringstream text;
  text << std::ifstream{"docs/console-api.md"}.rdbuf();
  for (const auto pages : {session_pages(), public_pages()}) {
    for (const std::string_view page : pages) {
      EXPECT_NE(text.str().find('`' + std::string{page} + '`'), std::string::npos) << page;
    }
  }
}

}  // namespace
}  // namespace kavach::console
