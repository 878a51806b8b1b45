// The export, checked by the independent verifier in script/.

#include <cstdio>
#include <fstream>
#include <sstream>

#include "audit/audit_query.h"
#include "audit_fixture.h"

namespace kavach::audit {
namespace {

struct AuditExportTest : SealedChain {
  SignHead sign() {
    return [this](const ChainHead& head) { return sealer.sign(head); };
  }
  std::string exported(const AuditExport& wanted = {}) {
    std::string out;
    const auto pieces = begin_audit_export(*store, sign(), wanted);
    EXPECT_OK(write_out(*pieces, [&](std::string_view piece) {
      out += piece;
      return true;
    }));
    return out;
  }
  std::string heads() {
    std::string out;
    const auto pieces = begin_head_export(*store, sign());
    EXPECT_OK(write_out(*pieces, [&](std::string_view piece) {
      out += piece;
      return true;
    }));
    return out;
  }
  std::string save(const std::string& name, const std::string& text) {
    std::ofstream{folder.file(name)} << text;
    return folder.file(name).string();
  }
  /// The verifier's one line.
  std::string verified(const std::string& arguments) {
    std::FILE* pipe =
        ::popen(("python3 script/verify_audit.py " + arguments + " 2>&1").c_str(), "r");
    std::string said(4096, '\0');
    said.resize(std::fread(said.data(), 1, said.size(), pipe));
    ::pclose(pipe);
    return said;
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
    return lines;
  }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += line;
    return text;
  }

  test::TemporaryFolder folder;
};

TEST_F(AuditExportTest, R30_TheIndependentVerifierAcceptsBothFormats) {
  const std::string key = " --key " + sealer.public_key();
  const auto lines = save("export.jsonl", exported());
  EXPECT_EQ(verified(lines + key),
            "intact: 25 records, 2 segments, 19 inclusion proofs, head at 25\n");
  const auto csv = save("export.csv", exported({.format = ExportFormat::Csv}));
  const auto kept = save("heads.jsonl", heads());
  EXPECT_EQ(verified(csv + " --heads " + kept + key),
            "intact: 25 records, 2 segments, 19 inclusion proofs, head at 25\n");
}

TEST_F(AuditExportTest, R30_TheIndependentVerifierFindsEveryKindOfTampering) {
  const auto lines = lines_of(exported());
  struct Attack {
    const char* name;
    std::function<void(std::vector<std::string>&)> change;
    const char* found;
  };
  const Attack attacks[] = {
      {"flip", [](auto& l) { l[4].replace(l[4].find("192.0.2.1"), 9, "192.0.2.2"); },
       "record 5 was changed"},
      {"delete", [](auto& l) { l.erase(l.begin() + 4); }, "record 5 is missing"},
      {"swap", [](auto& l) { std::swap(l[4], l[5]); }, "record 5 is missing"},
      {"insert", [](auto& l) { l.insert(l.begin() + 4, l[4]); }, "record 5 is not in its place"},
      {"truncate", [](auto& l) { l.erase(l.begin() + 23, l.begin() + 25); },
       "record 24 is missing"},
      {"drop the segment", [](auto& l) { l.erase(l.begin() + 25); }, "segment 2 does not follow"},
      {"forge the root", [](auto& l) { l[25].replace(l[25].find("\"root\":\"") + 8, 4, "0000"); },
       "the signature of segment 1 is wrong"},
      {"forge the head", [](auto& l) { l[27].replace(l[27].find("\"seq\":25"), 8, "\"seq\":24"); },
       "the signature of the head is wrong"}};
  for (const Attack& attack : attacks) {
    auto changed = lines;
    attack.change(changed);
    const std::string said = verified(save("attacked.jsonl", joined(changed)));
    EXPECT_NE(said.find(attack.found), std::string::npos) << attack.name << ": " << said;
    EXPECT_EQ(said.find("NOT intact"), 0U) << attack.name;
  }
}

TEST_F(AuditExportTest, R30_AKeptHeadShowsARollback) {
  const auto kept = save("kept.jsonl", heads());
  store.run("DELETE FROM audit_events WHERE seq > 23");
  const auto rolled_back = save("export.jsonl", exported());
  EXPECT_EQ(verified(rolled_back).find("intact"), 0U);
  EXPECT_NE(verified(rolled_back + " --kept " + kept).find("rolled back"), std::string::npos);
}

TEST_F(AuditExportTest, ARangeOfTimeIsCheckedByItsProofs) {
  const auto day = from_ist(*parse_date("2027-06-30"), std::chrono::hours{0});
  const auto part = exported({.from = day, .until = day + std::chrono::hours{24}});
  EXPECT_EQ(lines_of(part).size(), static_cast<std::size_t>(kSecondDay) + 3);
  const auto file = save("part.jsonl", part);
  EXPECT_EQ(verified(file + " --part"),
            "intact: 8 records, 2 segments, 8 inclusion proofs, head at 25\n");
  EXPECT_NE(verified(file).find("is missing"), std::string::npos);
}

TEST_F(AuditExportTest, SearchFiltersAndPages) {
  constexpr auto kNewest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(search_audit(*store, {.kind = "audit.sealed"}, kNewest, 10)->rows.size(), 2U);
  EXPECT_EQ(search_audit(*store, {.kind = "login."}, kNewest, 100)->rows.size(), 11U);
  EXPECT_EQ(search_audit(*store, {.kind = "%."}, kNewest, 100)->rows.size(), 0U);
  EXPECT_EQ(search_audit(*store, {.actor = "' OR 1=1 --"}, kNewest, 100)->rows.size(), 0U);
  const auto page = search_audit(*store, {}, kNewest, 20);
  ASSERT_OK(page);
  EXPECT_EQ(page->rows.front().seq, 25);
  ASSERT_TRUE(page->before);
  EXPECT_EQ(search_audit(*store, {}, *page->before, 20)->rows.size(), 5U);
}

}  // namespace
}  // namespace kavach::audit
