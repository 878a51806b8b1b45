#!/usr/bin/env python3
"""Composes common_passwords.inc: what people choose when they must choose a password of some length.

The list is made here, from words and habits that everybody knows, and is not taken from a leaked
collection. Entries are lower-case; the policy compares them after undoing case and look-alike
characters. Run from the repository's root: python3 src/identity/data/compose_common_passwords.py
"""
import itertools
import pathlib

WORDS = """password passwort passcode letmein welcome admin administrator login master secret changeme default
monkey dragon sunshine princess football baseball basketball cricket superman batman spiderman ironman starwars
pokemon naruto shadow michael jennifer jessica ashley charlie andrew daniel matthew jordan thomas george william
robert richard joseph anthony nicole amanda melissa hannah samantha elizabeth victoria isabella sophia olivia
iloveyou loveyou mylove lovely sweetheart honey angel family forever friends freedom summer winter spring autumn
monday friday sunday january february november december orange banana cherry apple mango chocolate cookie cheese
pepper ginger coffee whiskey computer internet windows microsoft google facebook instagram twitter youtube amazon
samsung iphone android linux ubuntu oracle server database network security firewall system access private
trading trader trade stocks stock market markets broker zerodha upstox angelone groww dhan kite nifty banknifty
sensex bullish bearish bullmarket bearmarket options futures option intraday invest investor investing investment
crypto bitcoin ethereum dogecoin money moneymaker millionaire billionaire profit profits rich wealth finance bank
banking account accounts wallet cash gold silver diamond platinum crorepati lakshmi ganesha krishna hanuman
shivaji mahadev jaishreeram omnamahshivaya radhakrishna bharat india indian hindustan mumbai delhi bangalore
chennai kolkata hyderabad pune ahmedabad gujarat kerala punjab sachin dhoni virat kohli rohit tendulkar
amitabh salman shahrukh deepika priyanka rahul priya anjali pooja neha sanjay rajesh suresh ramesh mahesh
ganesh vijay ajay sunil anil amit sumit rohan arjun karan kavita sunita geeta seema kavach openalgo algo
algotrading gateway qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx test testing tester demo guest user
username root toor superuser support service manager office company business hello helloworld whatever nothing
killer hunter ranger soccer hockey tennis golf mustang ferrari porsche mercedes corvette harley yamaha tiger
lion eagle falcon phoenix panther wolf bear horse buddy maggie bailey rocky lucky happy smile flower butterfly
rainbow star stars moon galaxy universe heaven jesus christ blessed trustno1 trustnoone matrix neo merlin
gandalf frodo hobbit wizard magic mystery purple yellow green black white silverado london paris newyork
california texas chicago boston america canada australia germany france brazil mexico spain italy japan china""".split()

DIGITS = ["1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "0123456789",
          "111", "1111", "11111", "000", "0000", "007", "69", "99", "100", "321", "4321", "54321", "654321",
          "786", "108", "1008", "2580", "1947", *map(str, range(1980, 2031))]
ENDINGS = ["!", "@", "#", "!!", "@1", "@12", "@123", "@1234", "@12345", "#123", "#1234", "_123", "_1234", ".123", "123!",
           "1234!", "12345!", "123456!", "2024!", "2025!", "2026!", "@2024", "@2025", "@2026", "abc", "qwerty", "xyz"]
PHRASES = """correct horse battery staple|iamthebest|iamtheowner|thisismypassword|
thisisapassword|mypasswordis|password is password|letmeinplease|openthedoor|opensesame|nopassword|nopasswordneeded|
notmypassword|donthackme|youcantguessthis|ihatepasswords|iforgotmypassword|forgotpassword|passwordpassword|
adminadminadmin|rootrootroot|tobeornottobe|maytheforcebewithyou|winteriscoming|onceuponatime|livelaughlove|
hakunamatata|carpediem|neversaynever|nevergiveup|keepcalm|keepitsimple|justdoit|loveislife|iloveindia|ilovemyindia|
ilovemymom|ilovemydad|ilovemyfamily|iloveyousomuch|iloveyouforever|iloveyoubaby|iwanttoberich|makememoney|
showmethemoney|buylowsellhigh|buythedip|tothemoon|diamondhands|getrichquick|financialfreedom|moneymoneymoney""".replace("\n", "").split("|")
RUNS = ["1234567890", "0987654321", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1q2w3e4r5t6y7u8i9o0p",
        "qazwsxedcrfvtgbyhnujmik", "1qaz2wsx3edc4rfv5tgb6yhn", "zaq12wsxcde34rfv", "poiuytrewq", "mnbvcxz", "abcd1234efgh5678"]

found = set()
for word in WORDS:
    found.update(word + tail for tail in DIGITS + ENDINGS)
    found.update(head + word for head in ("123", "1234", "my", "the", "i love ".replace(" ", ""), "mypassword"))
    found.update({word * 2, word * 3, word + word[::-1], word + word + "1", word + word + "123"})
for one, two in itertools.product(("my", "the", "new", "super", "big", "best"), WORDS):
    found.update({one + two + "123", one + two + "1234", one + two + "2025"})
for phrase in PHRASES:
    found.update({phrase, phrase.replace(" ", ""), phrase + "1", phrase + "123", phrase + "!"})
for run in RUNS:
    doubled = run * 3
    found.update(doubled[:length] for length in range(8, 31))
    found.update(run[at:] + run[:at] for at in range(len(run)))
for symbol in "0123456789abcdefghijklmnopqrstuvwxyz*-.":
    found.update(symbol * length for length in range(8, 33))
for a, b in itertools.permutations("0123456789abcxyz", 2):
    found.update(((a + b) * 16)[:length] for length in (8, 10, 12, 14, 16))

# The policy refuses anything shorter than twelve characters before it looks here.
entries = sorted(text for text in found if 12 <= len(text) <= 64)
lines = "".join(f'"{text}",\n' for text in entries)
target = pathlib.Path("src/identity/data/common_passwords.inc")
target.write_text(lines)
print(f"{len(entries)} entries")
